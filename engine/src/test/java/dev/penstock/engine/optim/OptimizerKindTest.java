package dev.penstock.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.model.Parameter;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptimizerKindTest {
  private static final double LEARNING_RATE = 1e-2;
  private static final double WEIGHT_DECAY = 0.1;
  private static final int LENGTH = 50;

  /** The updates written out, as torch.optim documents them. */
  private static final class Formula {
    private final OptimizerConfig config;
    private final double[] value;
    private final double[] first = new double[LENGTH];
    private final double[] second = new double[LENGTH];

    Formula(OptimizerConfig config, double[] value) {
      this.config = config;
      this.value = value.clone();
    }

    void step(int number, double[] gradient) {
      for (int i = 0; i < LENGTH; i++) {
        boolean decoupled = config.kind() == OptimizerKind.ADAMW;
        double g = gradient[i] + (decoupled ? 0 : WEIGHT_DECAY * value[i]);
        double decayed = decoupled ? value[i] * (1 - LEARNING_RATE * WEIGHT_DECAY) : value[i];
        value[i] = decayed - LEARNING_RATE * direction(number, i, g);
      }
    }

    private double direction(int number, int i, double g) {
      if (config.kind() == OptimizerKind.SGD) {
        first[i] = config.momentum() * first[i] + g;
        return first[i];
      }
      first[i] = config.beta1() * first[i] + (1 - config.beta1()) * g;
      second[i] = config.beta2() * second[i] + (1 - config.beta2()) * g * g;
      double mean = first[i] / (1 - Math.pow(config.beta1(), number));
      double square = second[i] / (1 - Math.pow(config.beta2(), number));
      return mean / (Math.sqrt(square) + config.epsilon());
    }
  }

  @ParameterizedTest
  @CsvSource({"ADAMW, 0, 1", "ADAMW, 0, 8", "ADAM, 0, 1", "ADAM, 0, 8", "SGD, 0, 1", "SGD, 0.9, 8"})
  void everyStepFollowsTheFormula(OptimizerKind kind, double momentum, double divisor) {
    OptimizerConfig config = OptimizerConfig.adamW(LEARNING_RATE).withKind(kind, momentum);
    Random random = new Random(5);
    try (PointerScope scope = new PointerScope()) {
      double[] value = random.doubles(LENGTH, -1, 1).toArray();
      Formula formula = new Formula(config, value);
      Parameter parameter = TestParameters.of("p", ScalarType.Double, value, new double[LENGTH]);
      try (Optimizer optimizer = Optimizer.of(config, List.of(parameter))) {
        for (int step = 1; step <= 6; step++) {
          double[] gradient = random.doubles(LENGTH, -1, 1).toArray();
          double[] sum = java.util.Arrays.stream(gradient).map(g -> g * divisor).toArray();
          TestParameters.setGradient(parameter, sum);
          optimizer.step(LEARNING_RATE, WEIGHT_DECAY, divisor);
          formula.step(step, gradient);
        }
        assertThat(TestParameters.values(parameter.value()))
            .containsExactly(formula.value, within(1e-14));
        assertThat(optimizer.states().get(0).moments().keySet())
            .containsExactlyInAnyOrderElementsOf(moments(kind, momentum));
      }
    }
  }

  private static List<String> moments(OptimizerKind kind, double momentum) {
    if (kind != OptimizerKind.SGD) {
      return List.of("exp_avg", "exp_avg_sq");
    }
    return momentum == 0 ? List.of() : List.of("momentum_buffer");
  }

  @Test
  void namesAreThoseOfTorch() {
    assertThat(OptimizerKind.parse("torch.optim.AdamW")).isEqualTo(OptimizerKind.ADAMW);
    assertThat(OptimizerKind.parse("adam")).isEqualTo(OptimizerKind.ADAM);
    assertThat(OptimizerKind.parse("SGD")).isEqualTo(OptimizerKind.SGD);
    assertThatThrownBy(() -> OptimizerKind.parse("Muon"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("Unknown optimizer 'Muon'. Use one of [AdamW, Adam, SGD].");
  }
}
