package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.torch.HostTensors;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class DropoutTest {
  private static final double RATE = 0.25;
  private static final int LENGTH = 20_000;

  /** More than four standard deviations of the share of as many elements. */
  private static final double CHANCE = 0.015;

  private static double[] dropped(long seed, String name, long pass) {
    DropoutSpec spec = new DropoutSpec(Map.of(DropoutSpec.Place.RESIDUAL, RATE), seed);
    try (PointerScope scope = new PointerScope();
        WeightGradientStore gradients = new WeightGradientStore(pass)) {
      Dropout dropout = Dropout.of(spec, DropoutSpec.Place.RESIDUAL, name);
      Tensor ones = torch.ones(LENGTH);
      return HostTensors.toDoubles(Dropout.apply(dropout, ones, gradients));
    }
  }

  @Test
  void theShareIsZeroAndTheRestScaledUp() {
    double[] values = dropped(7, "a", 3);
    assertThat(Arrays.stream(values).distinct().map(v -> Math.round(v * 1e5) / 1e5).sorted())
        .containsExactly(0.0, 1.33333);
    double zeros = Arrays.stream(values).filter(value -> value == 0).count();
    assertThat(zeros / LENGTH).isCloseTo(RATE, within(CHANCE));
  }

  @Test
  void whatIsDroppedDependsOnSeedNameAndPass() {
    double[] values = dropped(7, "a", 3);
    assertThat(dropped(7, "a", 3)).isEqualTo(values);
    assertThat(dropped(8, "a", 3)).isNotEqualTo(values);
    assertThat(dropped(7, "b", 3)).isNotEqualTo(values);
    assertThat(dropped(7, "a", 4)).isNotEqualTo(values);
  }

  @Test
  void theGlobalGeneratorIsNotTouched() {
    try (PointerScope scope = new PointerScope()) {
      torch.manual_seed(1);
      double expected = torch.rand(1).item_double();
      torch.manual_seed(1);
      dropped(7, "a", 3);
      assertThat(torch.rand(1).item_double()).isEqualTo(expected);
    }
  }
}
