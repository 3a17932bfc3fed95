package dev.penstock.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {
  private static ScheduleConfig schedule(
      String name, @Nullable Integer layersPerStage, String strategy, List<List<String>> modules) {
    return new ScheduleConfig(name, null, layersPerStage, null, strategy, modules);
  }

  private static TrainingPlan plan(int ppSize, int layers, int vocab, ScheduleConfig schedule) {
    String model =
        String.format(
            Locale.ROOT,
            """
        {"model_type": "llama", "vocab_size": %d, "hidden_size": 64, "num_hidden_layers": %d,
         "num_attention_heads": 4, "intermediate_size": 128, "max_position_embeddings": 64}
        """,
            vocab,
            layers);
    return TrainingPlan.of(
        new TrainingConfig(
            model,
            new ParallelConfig(ppSize, 1),
            new BatchConfig(8, 1, 64),
            schedule,
            OptimizerConfig.adamW(1e-3),
            LrScheduleConfig.constant(),
            1,
            0));
  }

  private static long layersOf(StageSummary stage) {
    return stage.modules().stream().filter(name -> name.startsWith("model.layers.")).count();
  }

  @Test
  void largeHeadTakesLayersOffTheLastStage() {
    List<StageSummary> stages =
        plan(2, 8, 20_000, schedule("1f1b", null, "cost", List.of())).stages();
    assertThat(layersOf(stages.get(0))).isGreaterThan(layersOf(stages.get(1)));
    assertThat(stages.get(1).modules()).contains("lm_head");
    assertThat(stages.stream().mapToDouble(StageSummary::costShare).sum())
        .isCloseTo(1.0, org.assertj.core.api.Assertions.within(1e-12));
  }

  @Test
  void evenSplitGivesWhatIsLeftOverToTheEarliestStages() {
    List<StageSummary> stages =
        plan(4, 6, 100, schedule("1f1b", null, "layers", List.of())).stages();
    assertThat(stages).extracting(TrainingPlanTest::layersOf).containsExactly(2L, 2L, 1L, 1L);
  }

  @Test
  void layersPerStageMakesSeveralStagesARank() {
    List<StageSummary> stages =
        plan(2, 8, 100, schedule("interleaved1f1b", 1, "layers", List.of())).stages();
    assertThat(stages).hasSize(8);
    assertThat(stages).extracting(StageSummary::ppRank).containsExactly(0, 1, 0, 1, 0, 1, 0, 1);
  }

  @Test
  void moreStagesThanLayersAreRefused() {
    assertThatThrownBy(() -> plan(4, 3, 100, schedule("1f1b", null, "cost", List.of())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Number of stages (4) cannot exceed number of layers (3)");
  }

  @Test
  void everyFaultOfAnExplicitSplitIsListed() {
    List<List<String>> lists =
        List.of(
            List.of("model.embed_tokens", "model.layers.0", "model.layers.7"),
            List.of("model.layers.0", "model.norm"));
    assertThatThrownBy(() -> plan(2, 2, 100, schedule("1f1b", null, "cost", lists)))
        .hasMessageContaining("missing: model.layers.1")
        .hasMessageContaining("missing: lm_head")
        .hasMessageContaining("unknown: model.layers.7")
        .hasMessageContaining("listed twice: model.layers.0");
  }

  @Test
  void explicitSplitIsKept() {
    List<List<String>> lists =
        List.of(
            List.of("model.embed_tokens", "model.rotary_emb"),
            List.of("model.layers.0", "model.layers.1", "model.norm", "lm_head"));
    List<StageSummary> stages = plan(2, 2, 100, schedule("gpipe", null, "cost", lists)).stages();
    assertThat(stages.get(0).modules()).containsExactly("model.embed_tokens");
  }

  @Test
  void halvesOfALayerMayBeOnTwoStages() {
    List<List<String>> lists =
        List.of(
            List.of("model.embed_tokens", "model.layers.0", "model.layers.1.self_attn"),
            List.of("model.layers.1.mlp", "model.norm", "lm_head"));
    List<StageSummary> stages = plan(2, 2, 100, schedule("1f1b", null, "cost", lists)).stages();
    assertThat(stages).extracting(StageSummary::modules).isEqualTo(lists);
    // 4 d d of attention and 3 d 2d of the feed-forward layer, with a norm each.
    assertThat(stages.get(0).parameters() - 100 * 64)
        .isEqualTo(2 * (4 * 64 * 64 + 64) + 3 * 64 * 128 + 64);
    assertThat(stages.get(1).parameters()).isEqualTo(3 * 64 * 128 + 64 + 64 + 100 * 64);
  }

  @Test
  void halvesAreCheckedLikeModules() {
    List<List<String>> lists =
        List.of(
            List.of("model.embed_tokens", "model.layers.0", "model.layers.1.mlp"),
            List.of("model.layers.0.mlp", "model.layers.2.mlp", "model.norm", "lm_head"));
    assertThatThrownBy(() -> plan(2, 2, 100, schedule("1f1b", null, "cost", lists)))
        .hasMessageContaining("missing: model.layers.1.self_attn")
        .hasMessageContaining("unknown: model.layers.2.mlp")
        .hasMessageContaining("listed twice: model.layers.0.mlp");
  }

  /** The head costs as much as half a layer, and so that of layer 2 goes to the first rank. */
  @Test
  void layersAreCutWhereThatMakesTheStepShorter() {
    List<StageSummary> stages = plan(2, 4, 900, schedule("1f1b", null, "cost", List.of())).stages();
    assertThat(stages.get(0).modules()).endsWith("model.layers.2.self_attn");
    assertThat(stages.get(1).modules()).startsWith("model.layers.2.mlp");
  }

  @Test
  void layersStayWholeWhereNothingIsGained() {
    List<StageSummary> stages = plan(2, 4, 2, schedule("1f1b", null, "cost", List.of())).stages();
    assertThat(stages).extracting(TrainingPlanTest::layersOf).containsExactly(2L, 2L);
    assertThat(stages.get(0).modules()).endsWith("model.layers.1");
  }

  @Test
  void unknownScheduleListsTheKnownOnes() {
    assertThatThrownBy(() -> plan(2, 4, 100, schedule("dfs", null, "cost", List.of())))
        .hasMessageContaining("Unknown schedule name 'dfs'")
        .hasMessageContaining("ZBVZeroBubble");
  }

  @Test
  void csvScheduleNeedsNoName() {
    String csv = "0F0,0F1,0F2,0F3,0F4,0F5,0F6,0F7,0B0,0B1,0B2,0B3,0B4,0B5,0B6,0B7\n";
    ScheduleConfig config =
        new ScheduleConfig(
            "", csv + csv.replace("0F", "1F").replace("0B", "1B"), null, null, "cost", List.of());
    assertThat(plan(2, 4, 100, config).stages()).hasSize(2);
  }
}
