package dev.penstock.engine.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.PlacementStyle;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PipelineSplitTest {
  static Stream<JsonNode> stageIds() {
    // An unknown style is an error here, where the reference returns nothing.
    return SplitCases.cases("stage_ids_this_rank")
        .filter(c -> !c.get("style").textValue().equals("bogus"));
  }

  static Stream<JsonNode> moduleNames() {
    return SplitCases.cases("generate_hf_model_fqn_per_model_part");
  }

  static Stream<JsonNode> layerCounts() {
    return SplitCases.cases("layer_counts_per_stage");
  }

  static Stream<JsonNode> virtualStages() {
    return SplitCases.cases("calculate_virtual_stages");
  }

  @ParameterizedTest
  @MethodSource("stageIds")
  void stageIdsAreTheReferences(JsonNode expected) {
    if (expected.has("error")) {
      assertThatThrownBy(() -> stageIds(expected))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    assertThat(stageIds(expected)).isEqualTo(SplitCases.ints(expected.get("expect")));
  }

  private static List<Integer> stageIds(JsonNode testCase) {
    return PipelineSplit.stageIdsThisRank(
        testCase.get("pp_rank").intValue(),
        testCase.get("pp_size").intValue(),
        testCase.get("num_stages").intValue(),
        PlacementStyle.parse(testCase.get("style").textValue()));
  }

  @Test
  void unknownPlacementStyleIsRefused() {
    assertThatThrownBy(() -> PlacementStyle.parse("bogus"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("Unknown placement style 'bogus'. Use 'loop' or 'v'.");
  }

  @ParameterizedTest
  @MethodSource("moduleNames")
  void moduleNamesAreTheReferences(JsonNode expected) {
    if (expected.has("error")) {
      assertThatThrownBy(() -> moduleNames(expected.get("args")))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    assertThat(moduleNames(expected.get("args")))
        .isEqualTo(
            SplitCases.list(expected.get("expect")).stream().map(SplitCases::strings).toList());
  }

  private static List<List<String>> moduleNames(JsonNode args) {
    ModuleNaming naming =
        new ModuleNaming(
            args.path("include_embeddings").asBoolean(true),
            args.path("include_lm_head").asBoolean(true),
            args.path("include_rotary_emb").asBoolean(true),
            args.path("include_multimodal_encoders").asBoolean(true),
            SplitCases.strings(args.path("extra_module_fqns")),
            args.path("fqn_prefix").asText("model."),
            args.path("lm_head_fqn").asText("lm_head"));
    return PipelineSplit.generateModuleNamesPerStage(
        args.get("num_stages").intValue(), args.get("num_layers").intValue(), naming);
  }

  @ParameterizedTest
  @MethodSource("layerCounts")
  void leftOverLayersGoToTheEarliestStages(JsonNode expected) {
    assertThat(
            PipelineSplit.layerCountsPerStage(
                expected.get("num_stages").intValue(), expected.get("num_layers").intValue()))
        .isEqualTo(SplitCases.ints(expected.get("counts")));
  }

  @ParameterizedTest
  @MethodSource("virtualStages")
  void virtualStagesAreTheReferences(JsonNode expected) {
    if (expected.path("error").asText().equals("ZeroDivisionError")) {
      assertThatThrownBy(() -> virtualStages(expected.get("args")))
          .isInstanceOf(ConfigException.class)
          .hasMessage("layersPerStage must be at least 1, but is 0.");
      return;
    }
    if (expected.has("error")) {
      assertThatThrownBy(() -> virtualStages(expected.get("args")))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    VirtualStages stages = virtualStages(expected.get("args"));

    assertThat(List.of(stages.numStages(), stages.stagesPerRank()))
        .isEqualTo(SplitCases.ints(expected.get("expect")));
  }

  private static VirtualStages virtualStages(JsonNode args) {
    JsonNode layersPerStage = args.get("layers_per_stage");
    return PipelineSplit.calculateVirtualStages(
        args.get("num_layers").intValue(),
        layersPerStage.isNull() ? null : layersPerStage.intValue(),
        args.get("pp_size").intValue(),
        args.get("is_single_stage_schedule").booleanValue(),
        args.path("round_to_pp_multiple").textValue());
  }

  @Test
  void namesOfMultimodalEncodersAndTextModulesAreTheReferences() {
    assertThat(ModuleNaming.MULTIMODAL_SUFFIXES)
        .isEqualTo(SplitCases.strings(SplitCases.group("MULTIMODAL_SUFFIXES")));
    assertThat(ModuleNaming.TEXT_MODULE_ATTRS)
        .isEqualTo(SplitCases.strings(SplitCases.group("TEXT_MODULE_ATTRS")));
  }
}
