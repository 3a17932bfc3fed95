package dev.penstock.examples.bench;

import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.train.ProcessMemory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a rank reports.
 *
 * @param spans actions of the last step
 * @param stepSeconds wall time of each step
 * @param losses loss of each step
 * @param busySeconds computing, in the last step
 * @param communicationSeconds in sends and receives themselves, in the last step
 * @param firstBegin begin of the last step's first action, in ms
 * @param lastEnd end of the last step's last action, in ms
 * @param actionMillis mean time of each kind of action of each stage
 * @param peakMb peak resident memory of the process
 * @param processorSeconds processor time of the rank's thread in each step; empty: not measured
 * @param startupSeconds from the start of the JVM to the end of the first step, by phase
 */
record RankReport(
    List<TimelineSpan> spans,
    List<Double> stepSeconds,
    List<Double> losses,
    double busySeconds,
    double communicationSeconds,
    double firstBegin,
    double lastEnd,
    Map<String, Double> actionMillis,
    double peakMb,
    List<Double> processorSeconds,
    Map<String, Double> startupSeconds) {
  /**
   * Sums a rank up.
   *
   * @param spans actions of the last step
   */
  static RankReport of(
      List<TimelineSpan> spans,
      List<Double> stepSeconds,
      List<Double> losses,
      double peakMb,
      List<Double> processorSeconds,
      Map<String, Double> startupSeconds) {
    double busy = 0;
    double communication = 0;
    Map<String, double[]> byKind = new TreeMap<>();
    for (TimelineSpan span : spans) {
      double millis = span.end() - span.begin();
      if (span.action().type().isCompute()) {
        busy += millis;
        double[] sum =
            byKind.computeIfAbsent(
                span.action().stage() + span.action().type().name(), key -> new double[2]);
        sum[0] += millis;
        sum[1]++;
      } else if (span.action().type() != ActionType.REDUCE_GRAD) {
        communication += millis;
      }
    }
    Map<String, Double> means = new TreeMap<>();
    byKind.forEach((kind, sum) -> means.put(kind, sum[0] / sum[1]));
    return new RankReport(
        spans,
        stepSeconds,
        losses,
        busy / 1e3,
        communication / 1e3,
        spans.stream().mapToDouble(TimelineSpan::begin).min().orElse(0),
        spans.stream().mapToDouble(TimelineSpan::end).max().orElse(0),
        means,
        peakMb,
        processorSeconds,
        startupSeconds);
  }

  /** Of this process; 0 where the system does not tell. */
  static double peakResidentMb() {
    return ProcessMemory.peakResidentBytes() / (double) (1 << 20);
  }
}
