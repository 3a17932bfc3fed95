package dev.penstock.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.model.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerTest {
  private static final OptimizerConfig CONFIG =
      new OptimizerConfig(1e-2, 0.9, 0.95, 1e-8, 0.1, 1.0);
  private static final int STEPS = 12;

  /** The update written out, in double. */
  private static final class Formula {
    private final double[] value;
    private final double[] expAvg;
    private final double[] expAvgSq;

    Formula(double[] value) {
      this.value = value.clone();
      this.expAvg = new double[value.length];
      this.expAvgSq = new double[value.length];
    }

    void step(int number, double[] gradient, double learningRate, double weightDecay) {
      double correction1 = 1 - Math.pow(CONFIG.beta1(), number);
      double correction2 = 1 - Math.pow(CONFIG.beta2(), number);
      for (int i = 0; i < value.length; i++) {
        value[i] -= learningRate * weightDecay * value[i];
        expAvg[i] = CONFIG.beta1() * expAvg[i] + (1 - CONFIG.beta1()) * gradient[i];
        expAvgSq[i] =
            CONFIG.beta2() * expAvgSq[i] + (1 - CONFIG.beta2()) * gradient[i] * gradient[i];
        value[i] -=
            learningRate
                * (expAvg[i] / correction1)
                / (Math.sqrt(expAvgSq[i] / correction2) + CONFIG.epsilon());
      }
    }
  }

  private static double[] uniforms(Random random, int length) {
    return random.doubles(length, -1, 1).toArray();
  }

  private static double learningRate(int step) {
    return 1e-2 / step;
  }

  @ParameterizedTest
  @EnumSource(
      value = ScalarType.class,
      names = {"Float", "Double"})
  void everyStepFollowsTheFormula(ScalarType dtype) {
    Offset<Double> rounding = within(dtype == ScalarType.Double ? 1e-14 : 1e-6);
    Random random = new Random(7);
    try (PointerScope scope = new PointerScope()) {
      List<Parameter> parameters = new ArrayList<>();
      List<Formula> formulas = new ArrayList<>();
      for (int length : new int[] {1, 3, 64, 1000}) {
        double[] value = uniforms(random, length);
        parameters.add(TestParameters.of("p" + length, dtype, value, new double[length]));
        formulas.add(new Formula(value));
      }
      List<ParameterGroup> groups =
          List.of(
              new ParameterGroup(parameters.subList(0, 2), 0),
              new ParameterGroup(parameters.subList(2, 4), 1));
      try (Optimizer optimizer = new Optimizer(CONFIG, groups)) {
        for (int step = 1; step <= STEPS; step++) {
          for (int i = 0; i < parameters.size(); i++) {
            double[] gradient = uniforms(random, formulas.get(i).value.length);
            TestParameters.setGradient(parameters.get(i), gradient);
            formulas.get(i).step(step, gradient, learningRate(step), i < 2 ? 0 : 0.1);
          }
          optimizer.step(learningRate(step), 0.1);
        }
        assertThat(optimizer.stepsTaken()).isEqualTo(STEPS);
        for (int i = 0; i < parameters.size(); i++) {
          assertThat(TestParameters.values(parameters.get(i).value()))
              .containsExactly(formulas.get(i).value, rounding);
          OptimizerState state = optimizer.states().get(i);
          assertThat(state.parameter()).isSameAs(parameters.get(i));
          assertThat(TestParameters.values(state.moments().get("exp_avg")))
              .containsExactly(formulas.get(i).expAvg, rounding);
          assertThat(TestParameters.values(state.moments().get("exp_avg_sq")))
              .containsExactly(formulas.get(i).expAvgSq, rounding);
        }
      }
    }
  }

  @Test
  void parametersOfDifferentDtypesAreUpdatedTogether() {
    try (PointerScope scope = new PointerScope()) {
      Parameter a = TestParameters.of("a", ScalarType.Float, new double[] {1}, new double[] {1});
      Parameter b = TestParameters.of("b", ScalarType.Double, new double[] {1}, new double[] {1});
      try (Optimizer optimizer = Optimizer.of(CONFIG, List.of(a, b))) {
        optimizer.step(0.5, 0);
        assertThat(TestParameters.values(a.value())[0]).isCloseTo(0.5, within(1e-6));
        assertThat(TestParameters.values(b.value())[0]).isCloseTo(0.5, within(1e-6));
      }
    }
  }

  @Test
  void aStepLeavesGradModeOn() {
    try (PointerScope scope = new PointerScope()) {
      Parameter a = TestParameters.of("a", ScalarType.Float, new double[] {1}, new double[] {1});
      try (Optimizer optimizer = Optimizer.of(CONFIG, List.of(a))) {
        optimizer.step(0.5, 0);
        assertThat(GradMode.is_enabled()).isTrue();
        assertThat(a.value().requires_grad()).isTrue();
      }
    }
  }

  @Test
  void aRunThatIsResumedGoesOnBitByBit() {
    double[] value = uniforms(new Random(1), 100);
    double[] straight = train(value, -1);
    assertThat(train(value, 5)).containsExactly(straight);
  }

  /** Trains, and moves to a new optimizer with the old one's state after {@code moveAt} steps. */
  private static double[] train(double[] value, int moveAt) {
    Random random = new Random(2);
    try (PointerScope scope = new PointerScope()) {
      Parameter parameter = TestParameters.of("p", ScalarType.Float, value, new double[100]);
      Optimizer optimizer = Optimizer.of(CONFIG, List.of(parameter));
      for (int step = 1; step <= STEPS; step++) {
        TestParameters.setGradient(parameter, uniforms(random, 100));
        optimizer.step(learningRate(step), 0.1);
        if (step == moveAt) {
          Optimizer next = Optimizer.of(CONFIG, List.of(parameter));
          OptimizerState old = optimizer.states().get(0);
          next.states()
              .get(0)
              .moments()
              .forEach((name, moment) -> moment.copy_(old.moments().get(name)));
          next.resumeAfter(optimizer.stepsTaken());
          optimizer.close();
          optimizer = next;
        }
      }
      optimizer.close();
      return TestParameters.values(parameter.value());
    }
  }

  @Test
  void aParameterWithoutGradientIsLeftAloneAndCountsItsOwnSteps() {
    double[] start = {0.5, -0.25};
    double[] gradient = {0.1, -2};
    Formula formula = new Formula(start);
    formula.step(1, gradient, 1e-2, 0.1);
    formula.step(2, gradient, 1e-2, 0.1);
    try (PointerScope scope = new PointerScope()) {
      Parameter sometimes = TestParameters.of("s", ScalarType.Double, start, gradient);
      Parameter always = TestParameters.of("a", ScalarType.Double, start, gradient);
      try (Optimizer optimizer = Optimizer.of(CONFIG, List.of(sometimes, always))) {
        optimizer.step(1e-2, 0.1);
        double[] before = TestParameters.values(sometimes.value());
        sometimes.clearGrad();
        assertThat(sometimes.grad()).isNull();
        optimizer.step(1e-2, 0.1);
        assertThat(TestParameters.values(sometimes.value())).isEqualTo(before);
        TestParameters.setGradient(sometimes, gradient);
        optimizer.step(1e-2, 0.1);
        assertThat(TestParameters.values(sometimes.value()))
            .containsExactly(formula.value, within(1e-12));
        assertThat(TestParameters.values(always.value())[0])
            .isNotCloseTo(formula.value[0], within(1e-3));
      }
    }
  }

  @Test
  void frozenParametersAreNeitherMovedNorDecayed() {
    try (PointerScope scope = new PointerScope()) {
      Tensor frozen = torch.ones(3);
      try (Optimizer optimizer = Optimizer.of(CONFIG, List.of(Parameter.ofLeaf("w", frozen)))) {
        optimizer.step(0.1, 0.5);
        assertThat(optimizer.states()).isEmpty();
        assertThat(TestParameters.values(frozen)).containsOnly(1);
      }
    }
  }

  @Test
  void aRankWithoutParametersTakesSteps() {
    try (Optimizer optimizer = Optimizer.of(CONFIG, List.of())) {
      optimizer.step(0.1, 0);
      assertThat(optimizer.stepsTaken()).isEqualTo(1);
    }
  }
}
