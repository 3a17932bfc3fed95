package dev.penstock.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every schedule over every small pipeline, and one as large as they come. */
class ScheduleSweepTest {
  private static final int MAX_PP_SIZE = 8;
  private static final int MAX_STAGES_PER_RANK = 4;
  private static final int MAX_MICROBATCHES = 24;

  @Test
  void everyScheduleIsValidAndRunsForAllSmallPipelines() {
    Map<String, Integer> generated = new HashMap<>();
    for (ScheduleGenerator generator : Schedules.all()) {
      for (int ppSize = 1; ppSize <= MAX_PP_SIZE; ppSize++) {
        for (int stages = 1; stages <= MAX_STAGES_PER_RANK; stages++) {
          for (int microbatches = 1; microbatches <= MAX_MICROBATCHES; microbatches++) {
            PipelineSchedule schedule;
            try {
              schedule = generator.generate(ppSize, stages, microbatches);
            } catch (ConfigException e) {
              continue;
            }
            generated.merge(generator.name(), 1, Integer::sum);
            checkRuns(schedule);
          }
        }
      }
    }
    // GPipe and LoopedBFS take everything, the others what section 3.2 of the feature map says.
    int all = MAX_PP_SIZE * MAX_MICROBATCHES;
    assertThat(generated)
        .containsEntry("GPipe", all)
        .containsEntry("LoopedBFS", all * MAX_STAGES_PER_RANK)
        .containsEntry("1F1B", all - 28)
        .containsEntry("ZBVZeroBubble", all)
        .containsEntry("DualPipeV", all - 64)
        .containsEntry("Interleaved1F1B", generated.get("InterleavedZeroBubble"));
  }

  private static void checkRuns(PipelineSchedule schedule) {
    ScheduleValidator.validate(schedule);
    PipelineSchedule lowered = Lowering.lower(schedule);
    ScheduleValidator.validate(lowered);
    Simulation planned = Simulator.simulate(schedule, CostModel.unit(schedule.numStages()));
    Simulation asRun = Simulator.simulate(lowered, CostModel.unit(schedule.numStages()));
    assertThat(asRun.busy()).isEqualTo(planned.busy());
    assertThat(asRun.peakActivations()).isEqualTo(planned.peakActivations());
    PipelineSchedule deferred = Lowering.deferReceives(lowered);
    ScheduleValidator.validate(deferred);
    assertThat(Simulator.simulate(deferred, CostModel.unit(schedule.numStages()))).isEqualTo(asRun);
    assertThat(Simulator.countSteps(lowered)).isPositive();
    assertThat(computeOrder(lowered)).isEqualTo(schedule.ranks());
    assertReceivesFollowSends(lowered);
  }

  private static List<List<Action>> computeOrder(PipelineSchedule schedule) {
    return schedule.ranks().stream()
        .map(row -> row.stream().filter(action -> action.type().isCompute()).toList())
        .toList();
  }

  /** Between any two ranks the receives are posted in the order of the sends. */
  private static void assertReceivesFollowSends(PipelineSchedule lowered) {
    StagePlacement placement = lowered.placement();
    Map<List<Integer>, List<Action>> sent = new HashMap<>();
    Map<List<Integer>, List<Action>> received = new HashMap<>();
    for (int rank = 0; rank < lowered.ppSize(); rank++) {
      for (Action action : lowered.ranks().get(rank)) {
        int stage = action.stage();
        int microbatch = action.microbatch();
        switch (action.type()) {
          case SEND_F ->
              sent.computeIfAbsent(
                      List.of(rank, placement.rankOf(stage + 1)), pair -> new ArrayList<>())
                  .add(Action.of(stage + 1, ActionType.RECV_F, microbatch));
          case SEND_B ->
              sent.computeIfAbsent(
                      List.of(rank, placement.rankOf(stage - 1)), pair -> new ArrayList<>())
                  .add(Action.of(stage - 1, ActionType.RECV_B, microbatch));
          case RECV_F ->
              received
                  .computeIfAbsent(
                      List.of(placement.rankOf(stage - 1), rank), pair -> new ArrayList<>())
                  .add(action);
          case RECV_B ->
              received
                  .computeIfAbsent(
                      List.of(placement.rankOf(stage + 1), rank), pair -> new ArrayList<>())
                  .add(action);
          case F, I, W, B, UNSHARD, RESHARD, REDUCE_GRAD, OVERLAP_F_B -> {}
        }
      }
    }
    assertThat(received).isEqualTo(sent);
  }

  @Test
  void sixtyFourRanksTimesAThousandMicrobatchesTakeSeconds() {
    for (String name : List.of("Interleaved1F1B", "ZBVZeroBubble", "DualPipeV")) {
      PipelineSchedule schedule = Schedules.named(name).generate(64, 2, 1024);
      ScheduleValidator.validate(schedule);
      PipelineSchedule lowered = Lowering.lower(schedule);
      ScheduleValidator.validate(lowered);
      Simulation simulation = Simulator.simulate(lowered, CostModel.unit(128));

      assertThat(lowered.ranks().stream().mapToInt(List::size).sum()).isGreaterThan(500_000);
      assertThat(simulation.bubbleFraction()).isLessThan(0.05);
    }
  }
}
