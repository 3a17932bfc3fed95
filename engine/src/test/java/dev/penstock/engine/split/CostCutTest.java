package dev.penstock.engine.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CostCutTest {
  private static final long SEED = 20240817;
  private static final double ROUNDING = 1e-9;

  @Test
  void heavyHeadTakesLayersOffTheLastStage() {
    StageCut cut = CostCut.cut(model(0, 8, 1, 3), 2, 2, PlacementStyle.LOOP);

    assertThat(cut.bottleneck()).isEqualTo(6);
    assertThat(cut.moduleNamesPerStage().get(0)).contains("embed_tokens", "layers.4");
    assertThat(cut.moduleNamesPerStage().get(1))
        .containsExactly("layers.6", "layers.7", "norm", "lm_head");
    assertThat(cut.stageCosts()).containsExactly(6.0, 5.0);
    assertThat(cut.share(0)).isCloseTo(6.0 / 11, within(ROUNDING));
  }

  @Test
  void severalStagesARankAreWeighedTogether() {
    // Rank 0 has stages 0 and 2, rank 1 has 1 and 3 with the head: ranks are even, stages are not.
    StageCut cut = CostCut.cut(model(0, 8, 1, 2), 2, 4, PlacementStyle.LOOP);

    assertThat(cut.rankCosts()).containsExactly(5.0, 5.0);
    assertThat(cut.bottleneck()).isEqualTo(5);
    assertThat(cut.stageCosts().stream().mapToDouble(Double::doubleValue).max()).hasValue(3);
  }

  @Test
  void headAndEmbeddingShareRankZeroOfAV() {
    StageCut cut = CostCut.cut(model(2, 8, 1, 2), 2, 4, PlacementStyle.V);

    assertThat(cut.stageToRank()).containsExactly(0, 1, 1, 0);
    assertThat(cut.rankCosts()).containsExactly(6.0, 6.0);
  }

  @Test
  void equalLayersAreSharedOutEvenly() {
    StageCut cut = CostCut.cut(model(0, 61, 1, 0), 4, 8, PlacementStyle.LOOP);

    assertThat(cut.bottleneck()).isEqualTo(16);
  }

  @ParameterizedTest
  @EnumSource(PlacementStyle.class)
  void randomCutsAreTheBestThereAre(PlacementStyle style) {
    Random random = new Random(SEED);
    for (int round = 0; round < 300; round++) {
      int ppSize = 1 + random.nextInt(3);
      int numStages = ppSize * (1 + random.nextInt(3));
      List<ModuleCost> modules = new ArrayList<>();
      for (int i = 0; i < numStages + random.nextInt(8); i++) {
        modules.add(cost("m" + i, 1 + random.nextInt(round % 2 == 0 ? 3 : 50)));
      }
      StageCut cut = CostCut.cut(modules, ppSize, numStages, style);

      assertThat(cut.bottleneck())
          .as("%s, %d ranks, %d stages of %s", style, ppSize, numStages, modules)
          .isCloseTo(bruteForce(modules, cut.stageToRank()), within(ROUNDING));
      assertThat(cut.moduleNamesPerStage().stream().flatMap(List::stream).toList())
          .isEqualTo(modules.stream().map(ModuleCost::name).toList());
      assertThat(cut.moduleNamesPerStage()).noneMatch(List::isEmpty);
    }
  }

  /** The bottleneck cannot be below the mean, and for equal layers not below whole layers. */
  @ParameterizedTest
  @CsvSource({
    "LOOP, 8, 2, 80, 0.2, 3.5",
    "LOOP, 8, 4, 80, 0.2, 3.5",
    "V, 8, 2, 80, 0.2, 3.5",
    "LOOP, 16, 2, 126, 0.1, 2.5",
    "V, 16, 2, 126, 0.1, 2.5",
    "LOOP, 64, 2, 200, 0.1, 2.5"
  })
  void largeModelsAreWithinALayerOfTheBound(
      PlacementStyle style, int ppSize, int stagesPerRank, int layers, double embed, double head) {
    StageCut cut =
        CostCut.cut(model(embed, layers, 1, head), ppSize, ppSize * stagesPerRank, style);

    double mean = (embed + layers + head) / ppSize;
    assertThat(cut.bottleneck()).isBetween(mean, Math.max(mean + 1, head + 1 + ROUNDING));
  }

  @Test
  void parametersAreAddedUp() {
    List<ModuleCost> modules = List.of(new ModuleCost("a", 1, 2, 10), new ModuleCost("b", 1, 1, 5));

    assertThat(CostCut.cut(modules, 2, 2, PlacementStyle.LOOP).stageParameters())
        .containsExactly(10L, 5L);
  }

  @Test
  void stagesCannotOutnumberModules() {
    assertThatThrownBy(() -> CostCut.cut(model(0, 1, 1, 1), 8, 8, PlacementStyle.LOOP))
        .isInstanceOf(ConfigException.class)
        .hasMessage("Number of stages (8) cannot exceed number of modules (4)");
    assertThatThrownBy(() -> CostCut.cut(model(0, 8, 1, 1), 4, 6, PlacementStyle.LOOP))
        .hasMessage("Total stages 6 must be divisible by PP size 4");
  }

  @Test
  void costsMustBeNumbers() {
    assertThatThrownBy(() -> new ModuleCost("x", Double.NaN, 1, 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("cost of x");
  }

  private static List<ModuleCost> model(double embed, int layers, double layer, double head) {
    List<ModuleCost> modules = new ArrayList<>();
    modules.add(cost("embed_tokens", embed));
    for (int i = 0; i < layers; i++) {
      modules.add(cost("layers." + i, layer));
    }
    modules.add(cost("norm", 0));
    modules.add(cost("lm_head", head));
    return modules;
  }

  private static ModuleCost cost(String name, double flops) {
    return new ModuleCost(name, flops / 3, flops * 2 / 3, 0);
  }

  private static double bruteForce(List<ModuleCost> modules, List<Integer> stageToRank) {
    double[] loads = new double[stageToRank.size()];
    return bruteForce(modules, stageToRank, 0, 0, loads);
  }

  private static double bruteForce(
      List<ModuleCost> modules, List<Integer> stageToRank, int stage, int begin, double[] loads) {
    int left = stageToRank.size() - stage;
    if (left == 0) {
      double bottleneck = 0;
      for (double load : loads) {
        bottleneck = Math.max(bottleneck, load);
      }
      return bottleneck;
    }
    double best = Double.POSITIVE_INFINITY;
    int first = left == 1 ? modules.size() : begin + 1;
    for (int end = first; end <= modules.size() - left + 1; end++) {
      double cost = modules.subList(begin, end).stream().mapToDouble(ModuleCost::flops).sum();
      loads[stageToRank.get(stage)] += cost;
      best = Math.min(best, bruteForce(modules, stageToRank, stage + 1, end, loads));
      loads[stageToRank.get(stage)] -= cost;
    }
    return best;
  }
}
