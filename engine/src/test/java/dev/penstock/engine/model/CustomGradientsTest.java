package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.model.rope.RopeScaling;
import dev.penstock.engine.model.rope.RopeSpec;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.engine.torch.Threads;
import java.util.List;
import java.util.function.BiFunction;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By hand or by autograd: the same numbers; and what a hook must not do, it does not. */
class CustomGradientsTest {
  private static final double MAX_ERROR = 1e-6;

  /** Of numbers about 1. */
  private static final double BFLOAT16_STEP = 0x1p-8;

  private static final int SIZE = 48;
  private static final int LEAK_ROUNDS = 200;
  private static final long LEAK_ELEMENTS = 1 << 18;
  private static final long MOST_LEAKED = 64L << 20;

  /** Twice the input, and a gradient that is not 2, so that it is known by its number. */
  private static final CustomGradients.Backward TRIPLE =
      (gradient, saved) -> gradient.mul(new Scalar(3.0));

  @BeforeAll
  static void oneThread() {
    Threads.configure(1);
  }

  private static Tensor leaf(long... shape) {
    Tensor leaf = torch.randn(shape);
    leaf.requires_grad_(true);
    return leaf;
  }

  private static Tensor doubled(WeightGradientStore store, Tensor x) {
    Tensor result;
    try (NoGradGuard noGrad = new NoGradGuard()) {
      result = x.mul(new Scalar(2.0));
    }
    return store.customGradients().attach(x, result, TRIPLE, x);
  }

  private static double[] values(Tensor tensor) {
    return HostTensors.toDoubles(tensor);
  }

  private static void assertClose(double[] actual, double[] expected) {
    double largest = 0;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      error = Math.max(error, Math.abs(actual[i] - expected[i]));
    }
    assertThat(error).isLessThanOrEqualTo(MAX_ERROR * largest);
  }

  @Test
  void hooksAreHeldUntilTheBackwardPass() {
    try (PointerScope scope = new PointerScope();
        WeightGradientStore store = new WeightGradientStore(0)) {
      Tensor x = leaf(3, 4);
      Tensor y = x;
      try (PointerScope inside = new PointerScope()) {
        for (int i = 0; i < 50; i++) {
          y = doubled(store, y);
        }
        y.retainReference();
      }
      System.gc();
      HostTensors.attach(y).sum().backward();
      assertThat(values(x.grad())).containsOnly((float) Math.pow(3, 50));
    }
  }

  @Test
  void aGradientThatOthersHoldIsNotWrittenInto() {
    try (PointerScope scope = new PointerScope();
        WeightGradientStore store = new WeightGradientStore(0)) {
      Tensor x = leaf(3, 4);
      Tensor other = leaf(3, 4);
      Tensor y = doubled(store, x);
      y.retain_grad();
      // An addition hands one tensor to both of its inputs.
      y.add(other).sum().backward();
      assertThat(values(other.grad())).containsOnly(1);
      assertThat(values(x.grad())).containsOnly(3);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPartThatRunsAgainHasItsGradientOnce(boolean recomputed) {
    try (PointerScope scope = new PointerScope();
        WeightGradientStore store = new WeightGradientStore(0)) {
      NormAndWeight norm = new NormAndWeight(false);
      Tensor x = leaf(5, SIZE);
      Tensor y =
          recomputed
              ? store.runRecomputed((input, gradients) -> norm.norm.forward(input, gradients), x)
              : norm.norm.forward(x, store);
      store.backwardWhole(() -> y.mul(y).sum().backward());
      Tensor again = x.detach();
      again.requires_grad_(true);
      norm.byAutograd(again).square().sum().backward();
      assertClose(values(x.grad()), values(again.grad()));
      assertClose(norm.weightGradient(), norm.expectedWeightGradient());
      norm.close();
    }
  }

  @Test
  void anExceptionComesOutOfTheBackwardPass() {
    try (PointerScope scope = new PointerScope();
        WeightGradientStore store = new WeightGradientStore(0)) {
      Tensor x = leaf(2);
      Tensor y =
          store
              .customGradients()
              .attach(
                  x,
                  torch.ones(new long[] {2}),
                  (gradient, saved) -> {
                    throw new IllegalStateException("no gradient of this");
                  });
      assertThatThrownBy(() -> y.sum().backward())
          .isInstanceOf(RuntimeException.class)
          .hasMessageContaining("no gradient of this");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingLeaks(boolean backward) {
    long before = 0;
    for (int round = 0; round < LEAK_ROUNDS; round++) {
      if (round == LEAK_ROUNDS / 4) {
        before = Pointer.physicalBytes();
      }
      try (PointerScope scope = new PointerScope();
          WeightGradientStore store = new WeightGradientStore(0)) {
        Tensor y = doubled(store, doubled(store, leaf(LEAK_ELEMENTS)));
        if (backward) {
          store.backwardWhole(() -> y.sum().backward());
        }
      }
    }
    // A tensor a round would be 150 MiB.
    assertThat(Pointer.physicalBytes() - before).isLessThan(MOST_LEAKED);
  }

  /** A norm of random weight, and the same by autograd. */
  private static final class NormAndWeight {
    private final ParameterArena arena =
        new ParameterArena(
            List.of(new NormSpec(1e-5, false).weight("norm.weight", SIZE)),
            null,
            ScalarType.Float,
            "cpu");
    private final RmsNorm norm;
    private final Tensor weight;
    private final boolean unitOffset;

    NormAndWeight(boolean unitOffset) {
      this.unitOffset = unitOffset;
      weight = leaf(SIZE);
      try (NoGradGuard noGrad = new NoGradGuard()) {
        arena.values().copy_(weight);
      }
      norm = new RmsNorm(arena, "norm", new NormSpec(1e-5, unitOffset));
    }

    Tensor byAutograd(Tensor x) {
      Tensor factor = unitOffset ? weight.add(new Scalar(1.0)) : weight;
      Tensor mean = x.square().mean(new long[] {-1}, true, new ScalarTypeOptional());
      return x.mul(mean.add(new Scalar(1e-5)).rsqrt()).mul(factor);
    }

    double[] weightGradient() {
      return values(arena.gradients());
    }

    double[] expectedWeightGradient() {
      return values(weight.grad());
    }

    void close() {
      arena.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void normsAndTheirGradientsAreThoseOfAutograd(boolean unitOffset) {
    try (PointerScope scope = new PointerScope();
        WeightGradientStore store = new WeightGradientStore(0)) {
      NormAndWeight norm = new NormAndWeight(unitOffset);
      // A part of something wider, as a projection of several is.
      Tensor wide = leaf(2, 7, 3 * SIZE);
      Tensor again = wide.detach();
      again.requires_grad_(true);
      Tensor gradient = torch.randn(new long[] {2, 7, SIZE});
      BiFunction<Tensor, Boolean, Tensor> run =
          (x, byHand) -> {
            Tensor part = x.narrow(-1, SIZE, SIZE);
            Tensor y = byHand ? norm.norm.forward(part, store) : norm.byAutograd(part);
            y.mul(gradient).sum().backward();
            return y;
          };
      assertClose(values(run.apply(wide, true)), values(run.apply(again, false)));
      assertClose(values(wide.grad()), values(again.grad()));
      assertClose(norm.weightGradient(), norm.expectedWeightGradient());
      norm.close();
    }
  }

  /** Only what goes in and comes out is rounded. */
  @Test
  void normsOfBfloat16AreFloat32Inside() {
    try (PointerScope scope = new PointerScope();
        WeightGradientStore store = new WeightGradientStore(0)) {
      NormAndWeight norm = new NormAndWeight(false);
      Tensor x = torch.randn(new long[] {5, SIZE}).to(ScalarType.BFloat16);
      x.requires_grad_(true);
      Tensor gradient = torch.randn(new long[] {5, SIZE}).to(ScalarType.BFloat16);
      Tensor again = x.detach().to(ScalarType.Float);
      again.requires_grad_(true);
      Tensor y = norm.norm.forward(x, store);
      y.mul(gradient).sum().backward();
      Tensor expected = norm.byAutograd(again);
      expected.mul(gradient).sum().backward();
      assertThat(y.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      assertThat(values(y)).isEqualTo(values(expected.to(ScalarType.BFloat16)));
      double[] dx = values(x.grad());
      double[] expectedDx = values(again.grad());
      for (int i = 0; i < dx.length; i++) {
        assertThat(dx[i]).isCloseTo(expectedDx[i], within(BFLOAT16_STEP * 4));
      }
      assertClose(norm.weightGradient(), norm.expectedWeightGradient());
      norm.close();
    }
  }

  @Test
  void aNormWhoseInputIsNotTrainedTrainsItsWeight() {
    try (PointerScope scope = new PointerScope();
        WeightGradientStore store = new WeightGradientStore(0)) {
      NormAndWeight norm = new NormAndWeight(false);
      Tensor x = torch.randn(new long[] {6, SIZE});
      norm.norm.forward(x, store).square().sum().backward();
      norm.byAutograd(x).square().sum().backward();
      assertClose(norm.weightGradient(), norm.expectedWeightGradient());
      norm.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"16, 16", "16, 8"})
  void rotationsAndTheirGradientsAreThoseOfAutograd(int headDim, int rotaryDim) {
    try (PointerScope scope = new PointerScope();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu");
        RotaryTables tables = new RotaryTables(options);
        WeightGradientStore store = new WeightGradientStore(0)) {
      RotaryTables.Table table =
          tables.table(new RopeSpec(10_000, rotaryDim, RopeScaling.NONE), 3, 7);
      Tensor wide = leaf(2, 7, 5 * headDim);
      Tensor again = wide.detach();
      again.requires_grad_(true);
      Tensor gradient = torch.randn(new long[] {2, 3, 7, headDim});
      Tensor byHand = RotaryTables.rotate(heads(wide, headDim), table, store);
      // Without a store, and under grad mode, it is autograd's.
      Tensor byAutograd = RotaryTables.rotate(heads(again, headDim), table, null);
      byHand.retain_grad();
      byHand.mul(gradient).sum().backward();
      byAutograd.mul(gradient).sum().backward();
      assertClose(values(byHand), values(byAutograd));
      assertClose(values(wide.grad()), values(again.grad()));
    }
  }

  private static Tensor heads(Tensor wide, int headDim) {
    return wide.narrow(-1, headDim, 3L * headDim).view(2, 7, 3, headDim).transpose(1, 2);
  }
}
