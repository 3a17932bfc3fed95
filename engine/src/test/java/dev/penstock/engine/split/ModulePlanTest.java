package dev.penstock.engine.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.PlacementStyle;
import dev.penstock.engine.config.ScheduleConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which stage gets which modules, against the reference's split of the same model. */
class ModulePlanTest {
  /** The model of the reference's test: embedding 128 x 64, layers 8 x 8, norm, head with bias. */
  private static final long EMBEDDING = 128 * 64;

  private static final long LAYER = 64;
  private static final long NORM = 128;
  private static final long HEAD = 64 * 128 + 128;

  static Stream<JsonNode> splits() {
    // Without a schedule name the reference fails; a CSV needs none here.
    return SplitCases.cases("split_model_into_stages").filter(c -> !c.get("schedule").isNull());
  }

  @ParameterizedTest
  @MethodSource("splits")
  void stagesGetTheReferencesModules(JsonNode expected) {
    if (expected.has("error")) {
      assertThatThrownBy(() -> plan(expected))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    List<List<String>> plan = plan(expected);
    String schedule = expected.get("schedule").textValue();
    PlacementStyle style =
        schedule.equals("ZBVZeroBubble") ? PlacementStyle.V : PlacementStyle.LOOP;
    List<Integer> stageIds =
        PipelineSplit.stageIdsThisRank(
            expected.get("pp_rank").intValue(),
            expected.get("pp_size").intValue(),
            plan.size(),
            style);

    assertThat(stageIds)
        .isEqualTo(
            SplitCases.list(expected.get("stages")).stream()
                .map(stage -> stage.get("stage_index").intValue())
                .toList());
    for (JsonNode stage : expected.get("stages")) {
      List<String> names = plan.get(stage.get("stage_index").intValue());
      assertThat(plan).hasSize(stage.get("num_stages").intValue());
      assertThat(layers(names)).isEqualTo(SplitCases.ints(stage.get("layers")));
      assertThat(names.contains("model.embed_tokens"))
          .isEqualTo(stage.get("embed_tokens").booleanValue());
      assertThat(names.contains("model.norm")).isEqualTo(stage.get("norm").booleanValue());
      assertThat(names.contains("lm_head")).isEqualTo(stage.get("lm_head").booleanValue());
      assertThat(parameters(names)).isEqualTo(stage.get("params").longValue());
    }
  }

  private static List<List<String>> plan(JsonNode testCase) {
    int numLayers = testCase.get("num_layers").intValue();
    JsonNode layersPerStage = testCase.get("layers_per_stage");
    JsonNode explicit = testCase.get("explicit_num_stages");
    String schedule = testCase.get("schedule").textValue().toLowerCase(Locale.ROOT);
    ScheduleConfig config =
        new ScheduleConfig(
            schedule,
            null,
            layersPerStage.isNull() ? null : layersPerStage.intValue(),
            testCase.get("round").textValue(),
            "layers",
            explicit.isNull()
                ? List.of()
                : PipelineSplit.generateModuleNamesPerStage(
                    explicit.intValue(), numLayers, ModuleNaming.causalLm()));
    return PipelineSplit.moduleNamesPerStage(
        config,
        model(numLayers),
        testCase.get("pp_size").intValue(),
        schedule.equals("1f1b") || schedule.endsWith("single"));
  }

  private static ModuleTree model(int numLayers) {
    List<String> names = new ArrayList<>(List.of("model.rotary_emb"));
    names.addAll(PipelineSplit.modulesInOrder(numLayers, ModuleNaming.causalLm()));
    return new ModuleTree(names);
  }

  private static List<Integer> layers(List<String> names) {
    return names.stream()
        .filter(name -> name.startsWith("model.layers."))
        .map(name -> Integer.parseInt(name.substring("model.layers.".length())))
        .toList();
  }

  private static long parameters(List<String> names) {
    return layers(names).size() * LAYER
        + (names.contains("model.embed_tokens") ? EMBEDDING : 0)
        + (names.contains("model.norm") ? NORM : 0)
        + (names.contains("lm_head") ? HEAD : 0);
  }

  @Test
  void ownListsComeBackInTheModelsOrder() {
    assertThat(check(List.of("b", "a", "r"), List.of("r", "c", "visual")))
        .containsExactly(List.of("a", "b"), List.of("c"));
  }

  @Test
  void missingModulesAreNamed() {
    assertRefused("on no stage: b.", List.of("a"), List.of("c"));
  }

  @Test
  void duplicateModulesAreNamed() {
    assertRefused("b on stage 0 and again on stage 1.", List.of("a", "b"), List.of("b", "c"));
    assertRefused("a on stage 0 and again on stage 0.", List.of("a", "a", "b"), List.of("c"));
  }

  @Test
  void unknownModulesAreNamed() {
    assertRefused("unknown on stage 1: x, y.", List.of("a", "b"), List.of("x", "c", "y"));
  }

  @Test
  void modulesOutOfOrderAreNamed() {
    assertRefused(
        "b on stage 0, though it runs after a on stage 1.", List.of("b"), List.of("a", "c"));
  }

  @Test
  void emptyStagesAreNamed() {
    assertRefused("no module on stage 1.", List.of("a", "b", "c"), List.of("r"));
  }

  @Test
  void allProblemsAreToldAtOnce() {
    assertRefused("unknown on stage 0: x; on no stage: b.", List.of("a", "x"), List.of("c"));
  }

  private static void assertRefused(String problem, List<String> first, List<String> second) {
    assertThatThrownBy(() -> check(first, second))
        .isInstanceOf(ConfigException.class)
        .hasMessage("The module names of the stages do not fit the model: " + problem);
  }

  private static List<List<String>> check(List<String> first, List<String> second) {
    return new ModuleLists(List.of("a", "b", "c"), Set.of("r")).check(List.of(first, second), 2);
  }
}
