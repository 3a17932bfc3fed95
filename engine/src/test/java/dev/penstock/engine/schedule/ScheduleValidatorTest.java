package dev.penstock.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleValidatorTest {
  static Stream<JsonNode> validation() {
    return ScheduleCases.list(ScheduleCases.load("lowering_passes.json").get("validate_schedule"))
        .stream();
  }

  @ParameterizedTest
  @MethodSource("validation")
  void verdictsAreTheReferences(JsonNode expected) {
    List<List<@Nullable Action>> input = ScheduleCases.parseRanks(expected.get("input"));
    int ppSize = expected.get("pp").intValue();
    int numStages = expected.get("num_stages").intValue();
    int numMicrobatches = expected.get("n_microbatches").intValue();
    if (expected.has("error")) {
      assertThatThrownBy(
              () -> ScheduleValidator.validate(input, ppSize, numStages, numMicrobatches))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    StagePlacement inferred = ScheduleValidator.validate(input, ppSize, numStages, numMicrobatches);

    assertThat(inferred.stageToRank())
        .isEqualTo(
            ScheduleCases.list(expected.get("stage_to_rank")).stream()
                .map(JsonNode::intValue)
                .toList());
  }

  @Test
  void gridIsTheReferences() {
    JsonNode expected = ScheduleCases.load("lowering_passes.json").get("format_pipeline_order");
    List<List<@Nullable Action>> input = ScheduleCases.parseRanks(expected.get("input"));

    assertThat(ScheduleGrid.format(input, expected.get("error_step_number").intValue()))
        .isEqualTo(expected.get("output").textValue());
    assertThat(ScheduleGrid.format(input, ScheduleGrid.NO_ERROR))
        .isEqualTo(expected.get("output_no_error").textValue());
  }

  @Test
  void gridPadsTheStepNumbersAndTheColumnsWithThem() {
    List<Action> row = new ArrayList<>();
    for (int microbatch = 0; microbatch < 11; microbatch++) {
      row.add(Action.of(0, ActionType.F, microbatch));
    }

    assertThat(ScheduleGrid.format(List.of(row), 2).lines())
        .startsWith("         Rank 0 ", "Step 00: 0F0    ", "Step 01: 0F1    ")
        .contains("Step 02: 0F2     <-- ERROR HERE")
        .endsWith("Step 10: 0F10   ");
  }

  @ParameterizedTest
  @CsvSource({
    "0F0 0F0 0B0, 'step 1: Running 0F0 again'",
    "0F0 0B0 0B0, 'step 2: Running 0B0 again'",
    "0F0 0I0 0W0 0W0, 'step 3: Running 0W0 again'",
    "0F3 0B3, 'step 0: 0F3 is of microbatch 3, but there are 1 microbatches'",
    "1F0 1B0, 'step 0: 1F0 is of stage 1, but there are 1 stages'",
    "0F 0B, 'step 0: 0F lacks its microbatch'",
    "0F0 0B0 0REDUCE_GRAD0, 'step 2: 0REDUCE_GRAD0 must not have a microbatch'",
    "0F0 (0B0)OVERLAP_F_B, 'step 1: (0B0)OVERLAP_F_B must overlap one forward with one backward'",
    "0F99999999 0B0, 'step 0: 0F99999999 is of microbatch 99999999'"
  })
  void whatTheReferenceToleratesIsRefusedToo(String cells, String message) {
    List<@Nullable Action> row = new ArrayList<>();
    for (String cell : cells.split(" ", -1)) {
      row.add(Action.parse(cell));
    }

    assertThatThrownBy(() -> ScheduleValidator.validate(List.of(row), 1, 1, 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Rank 0, " + message)
        .hasMessageContaining(" <-- ERROR HERE");
  }

  @Test
  void fullAndSplitBackwardOfOneMicrobatchIsRefused() {
    List<Action> row = new ArrayList<>();
    for (String cell : "0F0 0F1 0B0 0I0 0W0".split(" ", -1)) {
      row.add(Action.parse(cell));
    }

    assertThatThrownBy(() -> ScheduleValidator.validate(List.of(row), 1, 1, 2))
        .hasMessageContaining("Rank 0, step 3: Running 0I0 again: stage 0, microbatch 0");
  }

  @Test
  void placementMustBeTheDeclaredOne() {
    PipelineSchedule zbv = Schedules.named("ZBVZeroBubble").generate(2, 2, 4);
    PipelineSchedule misplaced =
        new PipelineSchedule(zbv.name(), StagePlacement.loop(2, 4), 4, zbv.ranks());

    assertThatCode(() -> ScheduleValidator.validate(zbv)).doesNotThrowAnyException();
    assertThatThrownBy(() -> ScheduleValidator.validate(misplaced))
        .hasMessageContaining("computes its stages on ranks [0, 1, 1, 0]");
  }
}
