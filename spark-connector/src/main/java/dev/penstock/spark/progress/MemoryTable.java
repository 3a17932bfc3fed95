package dev.penstock.spark.progress;

import dev.penstock.engine.plan.MemoryEstimate;
import java.util.List;
import java.util.Locale;

/** The memory of each pipeline rank as a table of characters, in MB: expected, then measured. */
public final class MemoryTable {
  private static final String HEADER =
      "rank     weights   gradients     moments  activations  checkpoint     tensors  recompute saves";

  private MemoryTable() {}

  /** What the tensors of each rank are expected to take. */
  public static String draw(List<MemoryEstimate> estimates) {
    StringBuilder table = new StringBuilder(HEADER).append('\n');
    for (MemoryEstimate estimate : estimates) {
      table.append(row(estimate)).append('\n');
    }
    return table.toString();
  }

  /**
   * The same beside what was measured.
   *
   * @param peaks most memory that a process of each rank has held, the JVM and the native libraries
   *     included
   */
  public static String draw(List<MemoryEstimate> estimates, List<Long> peaks) {
    StringBuilder table = new StringBuilder(HEADER).append("  process peak\n");
    for (int rank = 0; rank < estimates.size(); rank++) {
      table.append(row(estimates.get(rank))).append(megabytes(14, peaks.get(rank))).append('\n');
    }
    return table.toString();
  }

  private static String row(MemoryEstimate estimate) {
    return String.format(Locale.ROOT, "%4d", estimate.ppRank())
        + megabytes(12, estimate.weightBytes())
        + megabytes(12, estimate.gradientBytes())
        + megabytes(12, estimate.momentBytes())
        + megabytes(13, estimate.passBytes())
        + megabytes(12, estimate.checkpointBytes())
        + megabytes(12, estimate.totalBytes())
        + megabytes(17, estimate.recomputeSavedBytes());
  }

  private static String megabytes(int width, long bytes) {
    return String.format(Locale.ROOT, "%," + width + ".1f", bytes / 1e6);
  }
}
