package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.ParameterRange;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.optim.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class MomentSliceTest {
  private static final OptimizerConfig SGD =
      OptimizerConfig.adamW(1.0).withKind(OptimizerKind.SGD, 0.9);

  private static ParameterArena arena() {
    return new ParameterArena(
        List.of(shape("a.weight", 2, 3), shape("norm.weight", 5), shape("b.weight", 4, 1)),
        null,
        ScalarType.Float,
        "cpu");
  }

  private static TensorShape shape(String name, long... sizes) {
    List<Long> shape = Arrays.stream(sizes).boxed().toList();
    return new TensorShape(name, shape, TensorShape.Init.NORMAL);
  }

  /** Name, first element and size of each slice of a share of the 15 elements. */
  private static List<String> slices(ParameterRange share) {
    List<String> slices = new ArrayList<>();
    try (PointerScope scope = new PointerScope();
        ParameterArena arena = arena();
        Optimizer optimizer = new Optimizer(SGD, DecayGroups.of(arena, share, List.of("norm")))) {
      for (MomentSlice slice : MomentSlice.of(arena, optimizer.states())) {
        slices.add(
            String.format(
                Locale.ROOT,
                "%s %d %d",
                slice.parameter(),
                slice.begin(),
                slice.moments().get("momentum_buffer").numel()));
      }
    }
    return slices;
  }

  @Test
  void everyElementIsInOneSliceOfItsParameter() {
    assertThat(slices(new ParameterRange(0, 15)))
        .containsExactlyInAnyOrder("a.weight 0 6", "norm.weight 0 5", "b.weight 0 4");
  }

  @Test
  void replicasHaveTheirShares() {
    assertThat(slices(new ParameterRange(0, 8)))
        .containsExactlyInAnyOrder("a.weight 0 6", "norm.weight 0 2");
    assertThat(slices(new ParameterRange(8, 15)))
        .containsExactlyInAnyOrder("norm.weight 2 3", "b.weight 0 4");
  }

  @Test
  void writingToASliceRestoresTheOptimizer() {
    try (PointerScope scope = new PointerScope();
        ParameterArena arena = arena();
        Optimizer optimizer = new Optimizer(SGD, DecayGroups.of(arena, arena.whole(), List.of()))) {
      for (MomentSlice slice : MomentSlice.of(arena, optimizer.states())) {
        if (slice.parameter().equals("b.weight")) {
          slice.moments().get("momentum_buffer").fill_(new Scalar(10.0));
        }
      }
      optimizer.step(1, 0);
      assertThat(arena.parameter("b.weight").value().sum().item_double()).isEqualTo(-9 * 4);
      assertThat(arena.parameter("a.weight").value().sum().item_double()).isZero();
    }
  }
}
