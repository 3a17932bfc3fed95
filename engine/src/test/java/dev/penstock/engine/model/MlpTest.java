package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.torch.HostTensors;
import dev.penstock.engine.torch.Threads;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A feed-forward layer by hand: the numbers of autograd, in whole and split backward passes. */
class MlpTest {
  private static final double MAX_ERROR = 1e-5;
  private static final int HIDDEN = 24;
  private static final int INNER = 40;
  private static final int LEAK_ROUNDS = 120;
  private static final long MOST_LEAKED = 48L << 20;

  @BeforeEach
  void sameNumbersEachTime() {
    Threads.configure(1);
    torch.manual_seed(0);
  }

  /** Weights of a gated layer, and the layer on them. */
  private static final class Layer implements AutoCloseable {
    private final ParameterArena arena;
    private final Mlp mlp;
    private final int hidden;
    private final int inner;

    Layer(Activation activation, int hidden, int inner) {
      this.hidden = hidden;
      this.inner = inner;
      arena =
          new ParameterArena(
              List.of(
                  TensorShape.matrix("gate.weight", inner, hidden),
                  TensorShape.matrix("up.weight", inner, hidden),
                  TensorShape.matrix("down.weight", hidden, inner)),
              null,
              ScalarType.Float,
              "cpu");
      try (NoGradGuard noGrad = new NoGradGuard();
          PointerScope scope = new PointerScope()) {
        arena.values().copy_(torch.randn(new long[] {arena.values().numel()}));
      }
      mlp = new Mlp(activation, Linear.of(arena, "gate", "up"), Linear.of(arena, "down"));
    }

    /** The same by autograd's operators on leaves, which are given first. */
    Tensor byAutograd(Activation activation, Tensor x, Tensor gateUp, Tensor down) {
      TensorVector halves = torch.linear(x, gateUp).chunk(2, -1);
      Tensor gate = halves.get(0);
      Tensor active =
          switch (activation) {
            case SILU -> torch.silu(gate);
            case GELU -> torch.gelu(gate, "none");
            case GELU_TANH -> torch.gelu(gate, "tanh");
            case RELU -> torch.relu(gate);
          };
      return torch.linear(active.mul(halves.get(1)), down);
    }

    Tensor gateUp() {
      return leaf(arena.values().narrow(0, 0, 2L * inner * hidden).view(2L * inner, hidden));
    }

    Tensor down() {
      long begin = 2L * inner * hidden;
      return leaf(arena.values().narrow(0, begin, (long) inner * hidden).view(hidden, inner));
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  private static Tensor leaf(Tensor values) {
    Tensor leaf = values.detach().clone();
    leaf.requires_grad_(true);
    return leaf;
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    try (PointerScope scope = new PointerScope()) {
      double largest = expected.abs().max().item_double();
      double error = actual.reshape(-1).sub(expected.reshape(-1)).abs().max().item_double();
      assertThat(error).isLessThanOrEqualTo(MAX_ERROR * largest);
    }
  }

  @ParameterizedTest
  @EnumSource
  void gradientsAreThoseOfAutograd(Activation activation) {
    for (boolean split : new boolean[] {false, true}) {
      compare(activation, split, HIDDEN, INNER, 14);
    }
  }

  /** Large enough for the library that takes large products. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void largeProductsToo(boolean split) {
    compare(Activation.SILU, split, 128, 192, 300);
  }

  private static void compare(
      Activation activation, boolean split, int hidden, int inner, int tokens) {
    try (PointerScope scope = new PointerScope();
        Layer layer = new Layer(activation, hidden, inner);
        WeightGradientStore store = new WeightGradientStore(0)) {
      Tensor x = leaf(torch.randn(new long[] {1, tokens, hidden}));
      Tensor again = leaf(x);
      Tensor factor = torch.randn(new long[] {1, tokens, hidden});
      Tensor y = layer.mlp.forward(x, store);
      Tensor sum = y.mul(factor).sum();
      if (split) {
        store.backwardInputs(sum::backward);
        assertThat(layer.arena.gradients().abs().max().item_double()).isZero();
        store.backwardWeights();
      } else {
        store.backwardWhole(sum::backward);
      }
      Tensor gateUp = layer.gateUp();
      Tensor down = layer.down();
      Tensor expected = layer.byAutograd(activation, again, gateUp, down);
      expected.mul(factor).sum().backward();
      assertClose(y.detach(), expected.detach());
      assertClose(x.grad(), again.grad());
      long first = 2L * inner * hidden;
      assertClose(layer.arena.gradients().narrow(0, 0, first), gateUp.grad());
      assertClose(layer.arena.gradients().narrow(0, first, first / 2), down.grad());
    }
  }

  @Test
  void anInputThatNothingTrainsTrainsTheWeights() {
    try (PointerScope scope = new PointerScope();
        Layer layer = new Layer(Activation.SILU, HIDDEN, INNER);
        WeightGradientStore store = new WeightGradientStore(0)) {
      Tensor x = torch.randn(new long[] {5, HIDDEN});
      store.backwardWhole(() -> layer.mlp.forward(x, store).square().sum().backward());
      Tensor gateUp = layer.gateUp();
      Tensor down = layer.down();
      layer.byAutograd(Activation.SILU, x, gateUp, down).square().sum().backward();
      long first = 2L * INNER * HIDDEN;
      assertClose(layer.arena.gradients().narrow(0, 0, first), gateUp.grad());
      assertClose(layer.arena.gradients().narrow(0, first, first / 2), down.grad());
    }
  }

  /** Whether the backward pass runs, ends after I, or never comes: nothing is left behind. */
  @ParameterizedTest
  @CsvSource({"whole", "inputs", "none"})
  void nothingLeaks(String pass) {
    long before = 0;
    try (Layer layer = new Layer(Activation.SILU, HIDDEN, INNER)) {
      for (int round = 0; round < LEAK_ROUNDS; round++) {
        if (round == LEAK_ROUNDS / 4) {
          before = Pointer.physicalBytes();
        }
        try (PointerScope scope = new PointerScope();
            WeightGradientStore store = new WeightGradientStore(0)) {
          Tensor y = layer.mlp.forward(leaf(torch.randn(new long[] {4096, HIDDEN})), store);
          switch (pass) {
            case "whole" -> store.backwardWhole(() -> y.sum().backward());
            case "inputs" -> store.backwardInputs(() -> y.sum().backward());
            default -> {}
          }
        }
      }
    }
    // The smallest tensor of a round would be 35 MiB in all, the largest 118.
    assertThat(Pointer.physicalBytes() - before).isLessThan(MOST_LEAKED);
  }

  /** The pass without gradients of a part that runs again leaves nothing for the second. */
  @Test
  void aPartThatRunsAgainHasItsGradientsOnce() {
    try (PointerScope scope = new PointerScope();
        Layer layer = new Layer(Activation.GELU, HIDDEN, INNER);
        WeightGradientStore store = new WeightGradientStore(0)) {
      Tensor x = leaf(torch.randn(new long[] {9, HIDDEN}));
      Tensor again = leaf(x);
      Tensor y = store.runRecomputed((input, store2) -> layer.mlp.forward(input, store2), x);
      store.backwardWhole(() -> y.square().sum().backward());
      Tensor gateUp = layer.gateUp();
      layer.byAutograd(Activation.GELU, again, gateUp, layer.down()).square().sum().backward();
      assertClose(x.grad(), again.grad());
      long first = 2L * INNER * HIDDEN;
      assertClose(layer.arena.gradients().narrow(0, 0, first), gateUp.grad());
      assertThat(HostTensors.shape(y)).containsExactly(9, HIDDEN);
    }
  }
}
