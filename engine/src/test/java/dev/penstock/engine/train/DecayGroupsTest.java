package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.WeightDecayScheduleConfig;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.ParameterRange;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.optim.ParameterGroup;
import java.util.List;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class DecayGroupsTest {
  private static ParameterArena arena() {
    return new ParameterArena(
        List.of(
            shape("a.weight", 5),
            shape("b.weight", 7),
            shape("b.bias", 2),
            shape("norm.weight", 3),
            shape("c.weight", 4)),
        null,
        ScalarType.Float,
        "cpu");
  }

  private static TensorShape shape(String name, long size) {
    return new TensorShape(name, List.of(size), TensorShape.Init.NORMAL);
  }

  private static List<Long> sizes(ParameterGroup group) {
    return group.parameters().stream().map(Parameter::numel).toList();
  }

  @Test
  void everyParameterIsDecayedByDefaultAsOneVector() {
    try (ParameterArena arena = arena()) {
      List<ParameterGroup> groups = DecayGroups.of(arena, arena.whole(), List.of());
      assertThat(groups).hasSize(1);
      assertThat(groups.get(0).decayFactor()).isEqualTo(1);
      assertThat(sizes(groups.get(0))).containsExactly(21L);
    }
  }

  @Test
  void excludedNeighboursAreOneVectorToo() {
    try (ParameterArena arena = arena()) {
      List<ParameterGroup> groups =
          DecayGroups.of(arena, arena.whole(), List.of("norm", "\\.bias$"));
      assertThat(groups).extracting(ParameterGroup::decayFactor).containsExactly(1.0, 0.0);
      assertThat(sizes(groups.get(0))).containsExactly(12L, 4L);
      assertThat(sizes(groups.get(1))).containsExactly(5L);
    }
  }

  @Test
  void aShareHasWhatFallsIntoIt() {
    try (ParameterArena arena = arena()) {
      List<ParameterGroup> groups =
          DecayGroups.of(arena, new ParameterRange(6, 13), List.of("norm", "\\.bias$"));
      assertThat(sizes(groups.get(0))).containsExactly(6L);
      assertThat(sizes(groups.get(1))).containsExactly(1L);
      assertThat(DecayGroups.of(arena, new ParameterRange(7, 7), List.of())).isEmpty();
    }
  }

  @Test
  void brokenPatternIsRefused() {
    OptimizerConfig config = OptimizerConfig.adamW(1e-3);
    assertThatThrownBy(
            () -> config.withWeightDecay(WeightDecayScheduleConfig.constant(0.1), List.of("(norm")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("noDecayPatterns has '(norm'");
  }
}
