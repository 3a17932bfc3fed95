package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class LowRankAdapterTest {
  private static final int FEATURES = 64;

  /** Query and value, adapted alike, around a key that is not. */
  private static double[][] outputs(double dropout, long pass) {
    LoraSpec lora = TestingLora.of(2, 1, dropout, 5, "query", "value");
    List<TensorShape> shapes = new ArrayList<>();
    for (String module : List.of("query", "key", "value")) {
      shapes.add(TensorShape.matrix(module + ".weight", FEATURES, FEATURES));
    }
    shapes = lora.of("layer", shapes);
    try (ParameterArena arena = new ParameterArena(shapes, lora, ScalarType.Float, "cpu");
        WeightGradientStore store = new WeightGradientStore(pass);
        PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
      arena.values().fill_(torch.ones(new long[] {}, options));
      Linear linear = Linear.of(arena, "query", "key", "value");
      Tensor output = linear.forward(torch.ones(new long[] {3, FEATURES}, options), store);
      double[][] parts = new double[3][];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = HostTensors.toDoubles(output.narrow(1, (long) i * FEATURES, FEATURES).clone());
      }
      return parts;
    }
  }

  @Test
  void eachAdapterDropsInputsOfItsOwn() {
    double[][] parts = outputs(0.5, 1);
    assertThat(parts[0]).isNotEqualTo(parts[2]);
    assertThat(parts[1]).containsOnly(0);
  }

  @Test
  void samePassDropsTheSameInputs() {
    assertThat(outputs(0.5, 1)).isDeepEqualTo(outputs(0.5, 1));
    assertThat(outputs(0.5, 1)[2]).isNotEqualTo(outputs(0.5, 2)[2]);
  }

  @Test
  void withoutDropoutEqualAdaptersGiveEqualOutputs() {
    double[][] parts = outputs(0, 1);
    assertThat(parts[0]).isEqualTo(parts[2]).containsOnly(2 * FEATURES);
    assertThat(parts[1]).containsOnly(0);
  }
}
