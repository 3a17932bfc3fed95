package dev.penstock.spark.fit;

import java.util.LinkedHashMap;
import java.util.Map;

/** Where the time of a fit went: the phases of the driver and, within its job, those of a rank. */
final class FitPhases {
  /** The driver's phase in which the ranks run. */
  static final String JOB = "job";

  private FitPhases() {}

  /**
   * Puts the phases of a rank in place of the driver's job. What the job took beyond them is
   * "launch": the tasks' way to the executors, opening the data, the results' way back.
   *
   * @param driver the driver's phases, in order
   * @param rank those of the rank that took longest
   */
  static Map<String, Double> of(Map<String, Double> driver, Map<String, Double> rank) {
    double rankSeconds = total(rank);
    Map<String, Double> phases = new LinkedHashMap<>();
    driver.forEach(
        (phase, seconds) -> {
          if (phase.equals(JOB)) {
            phases.put("launch", seconds - rankSeconds);
            phases.putAll(rank);
          } else {
            phases.put(phase, seconds);
          }
        });
    return phases;
  }

  static double total(Map<String, Double> phases) {
    return phases.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
