package dev.penstock.spark.fit;

import dev.penstock.datasets.order.StreamOrder;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.spark.barrier.FreeSlots;
import dev.penstock.spark.params.TrainerParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a run come, as far as Params and cluster tell before it starts.
 *
 * @param mode the Param dataMode
 * @param described what that means, in a line
 * @param warnings what follows from it that a user may not expect, one sentence each
 */
public record DataPlan(String mode, String described, List<String> warnings) {
  public DataPlan {
    warnings = List.copyOf(warnings);
  }

  /**
   * Plans it.
   *
   * @param parallel the ranks of the run
   * @param spark the cluster; null: none is at hand
   */
  public static DataPlan of(
      TrainerParams<?> params, ParallelConfig parallel, @Nullable SparkContext spark) {
    if (!params.getDataMode().equals("stream")) {
      return new DataPlan("staged", "staged: all rows are tokenized before training", List.of());
    }
    List<String> warnings = new ArrayList<>();
    String missing = missing(params, parallel.worldSize(), spark);
    if (!missing.isEmpty()) {
      warnings.add(missing);
    }
    if (params.isDefined(params.validationIndicatorCol())) {
      warnings.add(
          "Rows to validate on are staged before the stream begins, for which the frame is read once more.");
    }
    String described =
        String.format(
            Locale.ROOT,
            "stream: one pass, tokenized while training, at most %,d partitions on storage",
            StreamOrder.WINDOW_SHARDS + (long) params.getStreamAhead());
    return new DataPlan("stream", described, warnings);
  }

  /** Where there is no cluster, or one too small for the run, it will be another. */
  private static String missing(TrainerParams<?> params, int ranks, @Nullable SparkContext spark) {
    if (spark != null) {
      try {
        FreeSlots free = FreeSlots.beside(RankProfile.of(params, spark));
        if (free.ranks().available() >= ranks) {
          return free.of(ranks) > 0
              ? ""
              : DataMode.missing(free, ranks) + " Without it the data are staged.";
        }
      } catch (ConfigException e) { // its executors lack what the ranks take
        spark = null;
      }
    }
    return String.format(
        Locale.ROOT,
        "dataMode stream needs a task slot beside the %d ranks to tokenize in (master local[%d], or one more executor); without one the data are staged.",
        ranks,
        ranks + 1);
  }
}
