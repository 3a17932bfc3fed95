package dev.penstock.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulesTest {
  static Stream<JsonNode> computeOrders() {
    return ScheduleCases.list(ScheduleCases.load("compute_orders.json.gz").get("cases")).stream();
  }

  @ParameterizedTest
  @MethodSource("computeOrders")
  void ordersAndRefusalsAreTheReferences(JsonNode expected) {
    if (expected.has("error")) {
      assertThatThrownBy(() -> ScheduleCases.generate(expected))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    PipelineSchedule schedule = ScheduleCases.generate(expected);

    assertThat(schedule.numStages()).isEqualTo(expected.get("num_stages").intValue());
    assertThat(ScheduleCases.strings(schedule.ranks()))
        .isEqualTo(ScheduleCases.strings(expected.get("ranks")));
    ScheduleValidator.validate(schedule);
  }

  @ParameterizedTest
  @CsvSource({
    "1f1b, 1F1B",
    "GPIPE, GPipe",
    "interleaved_1f1b, Interleaved1F1B",
    "interleaved-1F1B, Interleaved1F1B",
    "looped_bfs, LoopedBFS",
    "interleaved_zero_bubble, InterleavedZeroBubble",
    "zbv_zero_bubble, ZBVZeroBubble",
    "dualpipev, DualPipeV"
  })
  void nameIsFoundInAnySpelling(String spelling, String name) {
    assertThat(Schedules.named(spelling).name()).isEqualTo(name);
  }

  @Test
  void schedulesThatWouldFillTheMemoryAreRefused() {
    for (ScheduleGenerator generator : Schedules.all()) {
      int stagesPerRank = generator.singleStage() ? 1 : 2;
      for (int microbatches : new int[] {100_000_000, 2_000_000_000, Integer.MAX_VALUE}) {
        assertThatThrownBy(() -> generator.generate(4, stagesPerRank, microbatches))
            .isInstanceOf(ConfigException.class)
            .hasMessageContaining(String.format(Locale.ROOT, "%d microbatches", microbatches))
            .hasMessageContaining("localBatchSize");
      }
    }
    assertThat(Schedules.named("1f1b").generate(4, 1, 10_000).numMicrobatches()).isEqualTo(10_000);
  }

  @Test
  void everyNameOfTheReferenceThatCanBeBuiltIsKnown() {
    JsonNode names = ScheduleCases.load("lowering_passes.json").get("schedule_names");
    assertThat(ScheduleCases.cells(names.get("accepted_case_insensitively")))
        .filteredOn(name -> !name.startsWith("PipelineSchedule"))
        .containsExactlyElementsOf(Schedules.all().stream().map(ScheduleGenerator::name).toList());
  }

  @Test
  void unknownNameListsTheValidOnes() {
    assertThatThrownBy(() -> Schedules.named("zero_bubble"))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "Unknown schedule name 'zero_bubble'. The valid options are ['1F1B', 'Interleaved1F1B',"
                + " 'GPipe', 'LoopedBFS', 'InterleavedZeroBubble', 'ZBVZeroBubble', 'DualPipeV']");
  }

  @Test
  void singleStageSchedulesRefuseSeveralStagesPerRank() {
    assertThatThrownBy(() -> Schedules.named("GPipe").generate(2, 2, 4))
        .hasMessageContaining("GPipe requires exactly 1 stage per rank, but got 2.");
  }

  @Test
  void countsMustBePositive() {
    for (ScheduleGenerator generator : Schedules.all()) {
      assertThatThrownBy(() -> generator.generate(0, 1, 4)).hasMessageContaining("ppSize");
      assertThatThrownBy(() -> generator.generate(2, 0, 4)).hasMessageContaining("stagesPerRank");
      assertThatThrownBy(() -> generator.generate(2, 1, 0)).hasMessageContaining("microbatches");
    }
  }
}
