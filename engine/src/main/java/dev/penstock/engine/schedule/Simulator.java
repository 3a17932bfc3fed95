package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs a schedule without running it: when each action begins and ends, given what the stages cost.
 * A schedule that gets stuck is refused with the whole grid.
 *
 * <p>A rank runs its actions in order, each as soon as its input is there; the parts of an overlap
 * one after the other. Between ranks a tensor takes its stage's communication cost and keeps no
 * rank busy. In a lowered schedule it moves by the SEND and RECV actions: it leaves when the SEND
 * is reached and is there for a consumer behind its RECV. In a compute order it leaves as soon as
 * it is computed.
 */
public final class Simulator {
  private Simulator() {}

  /**
   * Makespan, busy and idle times, and peak activations.
   *
   * @throws ConfigException if the schedule gets stuck
   */
  public static Simulation simulate(PipelineSchedule schedule, CostModel costs) {
    return new SimulatorRun(schedule, costs).run((rank, action, begin, end) -> {});
  }

  /**
   * When each action begins and ends.
   *
   * @throws ConfigException if the schedule gets stuck
   */
  public static Timeline timeline(PipelineSchedule schedule, CostModel costs) {
    List<TimelineSpan> spans = new ArrayList<>();
    Simulation summary =
        new SimulatorRun(schedule, costs)
            .run(
                (rank, action, begin, end) ->
                    spans.add(new TimelineSpan(rank, action, begin, end)));
    String title =
        String.format(
            Locale.ROOT,
            "%s: %d ranks, %d stages, %d microbatches",
            schedule.name(),
            schedule.ppSize(),
            schedule.numStages(),
            schedule.numMicrobatches());
    return new Timeline(title, TimeUnits.COST, schedule.ppSize(), spans, summary);
  }

  /**
   * The length of the schedule in steps if every action takes one and a receive waits for its send
   * (torch's {@code _simulate_comms_compute}).
   *
   * @param lowered a schedule with SEND and RECV
   * @throws ConfigException if the schedule gets stuck
   */
  public static int countSteps(PipelineSchedule lowered) {
    return new StepCount(lowered).run();
  }

  /** The error for a schedule in which no rank can go on. */
  static ConfigException notProgressing(PipelineSchedule schedule, int[] next) {
    StringBuilder message = new StringBuilder("Schedule is not progressing");
    int errorStep = ScheduleGrid.NO_ERROR;
    for (int rank = 0; rank < next.length; rank++) {
      List<Action> row = schedule.ranks().get(rank);
      if (next[rank] < row.size()) {
        errorStep = errorStep == ScheduleGrid.NO_ERROR ? next[rank] : errorStep;
        message.append(
            String.format(
                Locale.ROOT,
                "\nRank %d, step %d: %s waits for its input",
                rank,
                next[rank],
                row.get(next[rank])));
      }
    }
    message.append("\n\nFull pipeline schedule:\n");
    return new ConfigException(
        message.append(ScheduleGrid.excerpt(schedule.ranks(), errorStep)).toString());
  }
}
