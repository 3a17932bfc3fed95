package dev.penstock.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LoweringTest {
  private static Stream<JsonNode> passCases(String pass) {
    return ScheduleCases.list(ScheduleCases.load("lowering_passes.json").get(pass)).stream();
  }

  static Stream<JsonNode> loweredOrders() {
    return ScheduleCases.list(ScheduleCases.load("lowered_orders.json.gz").get("cases")).stream();
  }

  static Stream<JsonNode> unshard() {
    return passCases("add_unshard_reshard");
  }

  static Stream<JsonNode> reduceGrad() {
    return passCases("add_reduce_grad");
  }

  static Stream<JsonNode> mergeBackward() {
    return passCases("merge_bw");
  }

  static Stream<JsonNode> sendRecv() {
    return passCases("add_send_recv");
  }

  @ParameterizedTest
  @MethodSource("loweredOrders")
  void shardedLoweringIsTheReferences(JsonNode expected) {
    PipelineSchedule lowered = Lowering.lowerSharded(ScheduleCases.generate(expected));

    assertThat(ScheduleCases.strings(lowered.ranks()))
        .isEqualTo(ScheduleCases.strings(expected.get("ranks")));
    if (expected.has("ranks_defer_pp_recv")) {
      assertThat(ScheduleCases.strings(Lowering.deferReceives(lowered).ranks()))
          .isEqualTo(ScheduleCases.strings(expected.get("ranks_defer_pp_recv")));
    }
    ScheduleValidator.validate(lowered);
  }

  @ParameterizedTest
  @MethodSource("unshard")
  void unshardKeepsTheNextStagesWhole(JsonNode expected) {
    List<Action> output =
        Lowering.addUnshardReshard(
            ScheduleCases.parse(expected.get("input")),
            expected.get("max_active_stages").intValue());

    assertThat(ScheduleCases.texts(output)).isEqualTo(ScheduleCases.cells(expected.get("output")));
  }

  @ParameterizedTest
  @MethodSource("reduceGrad")
  void reduceGradFollowsTheLastWeightGradient(JsonNode expected) {
    List<Action> output =
        Lowering.addReduceGrad(
            ScheduleCases.parse(expected.get("input")), expected.get("n_microbatches").intValue());

    assertThat(ScheduleCases.texts(output)).isEqualTo(ScheduleCases.cells(expected.get("output")));
  }

  @ParameterizedTest
  @MethodSource("mergeBackward")
  void mergeBackwardJoinsAdjacentHalves(JsonNode expected) {
    List<Action> output = Lowering.mergeBackward(ScheduleCases.parse(expected.get("input")));

    assertThat(ScheduleCases.texts(output)).isEqualTo(ScheduleCases.cells(expected.get("output")));
  }

  @ParameterizedTest
  @MethodSource("sendRecv")
  void sendRecvJoinsTheRanks(JsonNode expected) {
    List<List<@Nullable Action>> input = ScheduleCases.parseRanks(expected.get("input"));
    StagePlacement placement =
        new StagePlacement(
            ScheduleCases.list(expected.get("stage_to_rank")).stream()
                .map(JsonNode::intValue)
                .toList());
    if (expected.has("error")) {
      assertThatThrownBy(() -> Lowering.addSendRecv(input, placement))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    List<List<Action>> output = Lowering.addSendRecv(input, placement);

    assertThat(ScheduleCases.strings(output))
        .isEqualTo(ScheduleCases.strings(expected.get("output")));
    PipelineSchedule lowered = new PipelineSchedule("test", placement, 2, output);
    assertThat(ScheduleCases.strings(Lowering.deferReceives(lowered).ranks()))
        .isEqualTo(ScheduleCases.strings(expected.get("deferred")));
  }
}
