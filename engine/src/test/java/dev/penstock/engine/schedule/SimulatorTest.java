package dev.penstock.engine.schedule;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SimulatorTest {
  private static final double ROUNDING = 1e-6;

  static Stream<JsonNode> unitCosts() {
    return ScheduleCases.list(ScheduleCases.load("compute_orders.json.gz").get("cases")).stream()
        .filter(c -> c.has("sim"));
  }

  /** Without overlaps, which in a lowered schedule send only when both parts are done. */
  static Stream<JsonNode> withoutOverlaps() {
    return unitCosts().filter(c -> !c.get("schedule").textValue().equals("DualPipeV"));
  }

  static Stream<JsonNode> loweredOrders() {
    return ScheduleCases.list(ScheduleCases.load("lowered_orders.json.gz").get("cases")).stream();
  }

  static Stream<JsonNode> sendRecv() {
    return ScheduleCases.list(ScheduleCases.load("lowering_passes.json").get("add_send_recv"))
        .stream()
        .filter(c -> c.has("simulated_steps"));
  }

  @ParameterizedTest
  @MethodSource("unitCosts")
  void unitCostsGiveTheReferencesBubbleAndMemory(JsonNode expected) {
    PipelineSchedule schedule = ScheduleCases.generate(expected);
    JsonNode sim = expected.get("sim");

    Simulation simulation = Simulator.simulate(schedule, CostModel.unit(schedule.numStages()));

    assertThat(simulation.makespan()).isEqualTo(sim.get("makespan").doubleValue());
    assertThat(simulation.busy()).isEqualTo(doubles(sim.get("busy")));
    assertThat(simulation.idle()).isEqualTo(doubles(sim.get("idle")));
    assertThat(simulation.bubbleFraction())
        .isCloseTo(sim.get("bubble_fraction").doubleValue(), within(ROUNDING));
    assertThat(simulation.peakActivations())
        .isEqualTo(
            ScheduleCases.list(sim.get("peak_outstanding_activations")).stream()
                .map(JsonNode::intValue)
                .toList());
  }

  @ParameterizedTest
  @MethodSource("withoutOverlaps")
  void loweringChangesNoTime(JsonNode expected) {
    PipelineSchedule schedule = ScheduleCases.generate(expected);
    CostModel unit = CostModel.unit(schedule.numStages());

    assertThat(Simulator.simulate(Lowering.lower(schedule), unit))
        .isEqualTo(Simulator.simulate(schedule, unit));
  }

  @ParameterizedTest
  @MethodSource("loweredOrders")
  void stepsAreTheReferences(JsonNode expected) {
    PipelineSchedule lowered = Lowering.lowerSharded(ScheduleCases.generate(expected));

    assertThat(Simulator.countSteps(lowered)).isEqualTo(expected.get("simulated_steps").intValue());
  }

  @ParameterizedTest
  @MethodSource("sendRecv")
  void stepsOfHandMadeOrdersAreTheReferences(JsonNode expected) {
    List<Integer> stageToRank =
        ScheduleCases.list(expected.get("stage_to_rank")).stream().map(JsonNode::intValue).toList();
    PipelineSchedule lowered =
        new PipelineSchedule(
            "test",
            new StagePlacement(stageToRank),
            2,
            Lowering.addSendRecv(
                ScheduleCases.parseRanks(expected.get("input")), new StagePlacement(stageToRank)));

    assertThat(Simulator.countSteps(lowered)).isEqualTo(expected.get("simulated_steps").intValue());
  }

  /** Section 3.7 of the feature map: idle time is 3(P-1) for 1F1B, P-1 for the V schedules. */
  @ParameterizedTest
  @CsvSource({
    "GPipe, 1, 9",
    "1F1B, 1, 9",
    "Interleaved1F1B, 4, 9",
    "LoopedBFS, 2, 9",
    "InterleavedZeroBubble, 2, 3",
    "ZBVZeroBubble, 2, 3",
    "DualPipeV, 2, 3"
  })
  void idleTimeFollowsTheKnownFormulas(String name, int stagesPerRank, double idle) {
    PipelineSchedule schedule = Schedules.named(name).generate(4, stagesPerRank, 16);

    assertThat(Simulator.simulate(schedule, CostModel.unit(schedule.numStages())).idle())
        .containsOnly(idle);
  }

  @Test
  void communicationDelaysTheConsumerButKeepsNoRankBusy() {
    PipelineSchedule schedule = Schedules.named("GPipe").generate(2, 1, 1);
    CostModel costs = CostModel.uniform(2, new StageCost(2, 1, 1, 3, 0.5, 0.25));

    for (PipelineSchedule variant : List.of(schedule, Lowering.lower(schedule))) {
      Simulation simulation = Simulator.simulate(variant, costs);

      assertThat(simulation.makespan()).isEqualTo(2 + 0.5 + 2 + 3 + 0.25 + 3);
      assertThat(simulation.busy()).containsExactly(5.0, 5.0);
    }
  }

  @Test
  void sameRankNeighboursPayNoCommunication() {
    PipelineSchedule schedule = Schedules.named("ZBVZeroBubble").generate(1, 2, 1);
    CostModel costs = CostModel.uniform(2, new StageCost(1, 1, 1, 2, 100, 100));

    assertThat(Simulator.simulate(schedule, costs).makespan()).isEqualTo(6);
  }

  @Test
  void measuredActionsCostWhatEachOfThemTook() {
    PipelineSchedule lowered = Lowering.lower(Schedules.named("GPipe").generate(2, 1, 2));
    CostModel unequal =
        new CostModel(
            CostModel.unit(2).stages(),
            Map.of(
                requireNonNull(Action.parse("0F1")), 4.0,
                requireNonNull(Action.parse("1B0")), 6.0));
    Timeline timeline = Simulator.timeline(lowered, unequal);
    assertThat(timeline.summary().makespan()).isEqualTo(1 + 4 + 1 + 6 + 2 + 2);

    CostModel measured = CostModel.measured(2, timeline.spans());
    assertThat(Simulator.simulate(lowered, measured)).isEqualTo(timeline.summary());
  }

  @Test
  void slowStageDelaysTheOthers() {
    PipelineSchedule schedule = Schedules.named("GPipe").generate(2, 1, 3);
    CostModel costs = new CostModel(List.of(StageCost.UNIT, new StageCost(5, 5, 5, 10, 0, 0)));

    assertThat(Simulator.simulate(schedule, costs).makespan()).isEqualTo(1 + 15 + 30 + 2);
  }

  @Test
  void timelineHoldsEveryActionInItsPlace() {
    PipelineSchedule schedule = schedule(2, "0F0 0B0", "1F0 1B0");

    Timeline timeline = Simulator.timeline(schedule, CostModel.unit(2));

    assertThat(timeline.spans())
        .containsExactly(
            new TimelineSpan(0, Action.of(0, ActionType.F, 0), 0, 1),
            new TimelineSpan(0, Action.of(0, ActionType.B, 0), 4, 6),
            new TimelineSpan(1, Action.of(1, ActionType.F, 0), 1, 2),
            new TimelineSpan(1, Action.of(1, ActionType.B, 0), 2, 4));
    assertThat(timeline.summary()).isEqualTo(Simulator.simulate(schedule, CostModel.unit(2)));
    assertThat(Timeline.measured("again", TimeUnits.COST, 2, timeline.spans()).summary())
        .isEqualTo(timeline.summary());
  }

  @Test
  void deadlockIsRefusedWithTheGrid() {
    PipelineSchedule stuck = schedule(2, "0B0 0F0", "1F0 1B0");

    assertThatThrownBy(() -> Simulator.simulate(stuck, CostModel.unit(2)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("Schedule is not progressing\nRank 0, step 0: 0B0 waits")
        .hasMessageContaining("Rank 1, step 0: 1F0 waits")
        .hasMessageContaining("Step 0: 0B0    1F0    <-- ERROR HERE");
    assertThatThrownBy(() -> Simulator.countSteps(stuck))
        .hasMessageStartingWith("Schedule is not progressing");
  }

  @Test
  void computeWithoutItsReceiveIsStuck() {
    PipelineSchedule stuck = schedule(2, "0F0 0SEND_F0 0RECV_B0 0B0", "1F0 1RECV_F0 1B0 1SEND_B0");

    assertThatThrownBy(() -> Simulator.simulate(stuck, CostModel.unit(2)))
        .hasMessageStartingWith("Schedule is not progressing");
  }

  @Test
  void costsMustBeNumbers() {
    assertThatThrownBy(() -> new StageCost(1, 1, 1, Double.NaN, 0, 0))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> new StageCost(-1, 1, 1, 1, 0, 0)).isInstanceOf(ConfigException.class);
  }

  private static PipelineSchedule schedule(int numStages, String... rows) {
    List<List<Action>> ranks = new ArrayList<>();
    for (String row : rows) {
      ranks.add(Stream.of(row.split(" ", -1)).map(Action::parse).toList());
    }
    return new PipelineSchedule("test", StagePlacement.loop(rows.length, numStages), 1, ranks);
  }

  private static List<Double> doubles(JsonNode array) {
    return ScheduleCases.list(array).stream().map(JsonNode::doubleValue).toList();
  }
}
