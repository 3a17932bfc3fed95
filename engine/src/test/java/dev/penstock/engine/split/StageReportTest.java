package dev.penstock.engine.split;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StageReportTest {
  static Stream<JsonNode> built() {
    return SplitCases.cases("info_and_debug")
        .filter(c -> c.get("state").textValue().equals("after build"));
  }

  private static JsonNode state(String name) {
    return SplitCases.cases("info_and_debug")
        .filter(c -> c.get("state").textValue().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("built")
  void formatsAreTheReferences(JsonNode expected) {
    List<StageDescription> stages = new ArrayList<>();
    List<JsonNode> modules = SplitCases.list(expected.get("list_stage_modules"));
    for (int i = 0; i < modules.size(); i++) {
      boolean first = i == 0 && expected.get("info").get("has_first_stage").booleanValue();
      boolean last =
          i == modules.size() - 1 && expected.get("info").get("has_last_stage").booleanValue();
      long parameters = expected.get("get_stage_param_counts").get(i).longValue();
      stages.add(
          new StageDescription(
              first, last, SplitCases.strings(modules.get(i)), parameters, parameters));
    }

    assertThat(
            StageReport.prettyPrintStages(
                stages, expected.get("max_modules_per_stage").intValue(), false))
        .isEqualTo(expected.get("pretty_print_stages").textValue());
    assertThat(StageReport.debugSummary(2, stages, "FakeSchedule", 4))
        .isEqualTo(expected.get("debug_summary").textValue());
    assertThat(StageReport.total(stages, false))
        .isEqualTo(expected.get("get_total_param_count").longValue());
  }

  @Test
  void nothingIsBuiltYet() {
    JsonNode expected = state("before build");

    assertThat(StageReport.prettyPrintStages(List.of(), StageReport.DEFAULT_MAX_MODULES, false))
        .isEqualTo(expected.get("pretty_print_stages").textValue());
    assertThat(StageReport.debugSummary(2, List.of(), null, null))
        .isEqualTo(expected.get("debug_summary").textValue());
  }

  @Test
  void frozenParametersAreToldApart() {
    JsonNode expected = state("embedding frozen");
    List<String> names = List.of("model", "model.embed_tokens", "model.layers", "model.layers.0");
    List<StageDescription> stages = List.of(new StageDescription(true, false, names, 8320, 128));

    assertThat(StageReport.debugSummary(2, stages, "FakeSchedule", 4))
        .isEqualTo(expected.get("debug_summary").textValue());
    assertThat(StageReport.prettyPrintStages(stages, 3, true))
        .isEqualTo(expected.get("pretty_print_stages_trainable_only").textValue());
  }

  @Test
  void onlyStageIsFirstAndLast() {
    List<StageDescription> stages =
        List.of(new StageDescription(true, true, List.of("a"), 1234567, 0));

    assertThat(StageReport.prettyPrintStages(stages, 16, false))
        .isEqualTo("Stage 0 (first,last): params=1,234,567\n  - a");
  }

  @Test
  void parentsComeBeforeTheirChildren() {
    assertThat(
            StageDescription.withParents(
                List.of("model.embed_tokens", "model.layers.0.proj", "lm_head")))
        .containsExactly(
            "model",
            "model.embed_tokens",
            "model.layers",
            "model.layers.0",
            "model.layers.0.proj",
            "lm_head");
  }

  @Test
  void costSharesAreShownByStageAndRank() {
    List<ModuleCost> modules =
        List.of(
            new ModuleCost("embed_tokens", 0, 0, 1000),
            new ModuleCost("layers.0", 1, 2, 10),
            new ModuleCost("layers.1", 1, 2, 10),
            new ModuleCost("lm_head", 1, 1, 1000));

    assertThat(StageReport.costShares(CostCut.cut(modules, 2, 2, PlacementStyle.LOOP)))
        .isEqualTo(
            """
            Stage 0 on rank 0: 37.5 % of the cost, params=1,010, embed_tokens to layers.0
            Stage 1 on rank 1: 62.5 % of the cost, params=1,010, layers.1 to lm_head
            Rank 0: 37.5 % of the cost
            Rank 1: 62.5 % of the cost""");
  }
}
