package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.torch.HostTensors;
import dev.penstock.engine.torch.Threads;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chunks of queries, and fewer heads of keys, give what one matrix of scores gives. */
class CausalAttentionTest {
  private static final int HEADS = 4;
  private static final int HEAD_DIM = 8;
  private static final double SCALE = 0.3;
  private static final double MAX_ERROR = 2e-6;

  @BeforeAll
  static void oneThread() {
    Threads.configure(1);
  }

  private static AttentionSpec spec(int kvHeads, double softcap) {
    return new AttentionSpec(
        HEADS, kvHeads, HEAD_DIM, SCALE, softcap, false, false, QkNorm.NONE, false);
  }

  private static Tensor leaf(int heads, int length) {
    Tensor leaf = torch.randn(new long[] {2, heads, length, HEAD_DIM});
    leaf.requires_grad_(true);
    return leaf;
  }

  /** From the definition, [B, T, N, H]. */
  private static Tensor byDefinition(
      Tensor q, Tensor k, Tensor v, int window, double softcap, TensorOptions options) {
    long length = q.size(2);
    long groups = HEADS / k.size(1);
    Tensor keys = k.repeat_interleave(groups, new LongOptional(1), new LongOptional());
    Tensor values = v.repeat_interleave(groups, new LongOptional(1), new LongOptional());
    Tensor scores = torch.matmul(q, keys.transpose(2, 3)).mul(new Scalar(SCALE));
    if (softcap > 0) {
      scores = scores.div(new Scalar(softcap)).tanh().mul(new Scalar(softcap));
    }
    Tensor ones = torch.ones(new long[] {length, length}, options);
    Tensor seen = ones.tril();
    if (window > 0) {
      seen = seen.mul(ones.triu(1L - window));
    }
    Tensor hidden = seen.eq(new Scalar(0));
    Tensor masked = scores.masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY));
    return torch.matmul(torch.softmax(masked, -1), values).transpose(1, 2);
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    double error = HostTensors.toDoubles(actual.sub(expected).abs().max())[0];
    double largest = HostTensors.toDoubles(expected.abs().max())[0];
    assertThat(error).isLessThanOrEqualTo(MAX_ERROR * Math.max(1, largest));
  }

  @ParameterizedTest
  @CsvSource({
    // length, key heads, window, softcap, chunk
    "13, 2, 0, 0, 4", "13, 2, 5, 0, 4", "12, 4, 5, 0, 4", "12, 1, 4, 0, 4", "13, 2, 1, 0, 4",
    "13, 2, 0, 2, 4", "13, 2, 5, 2, 4", "3, 2, 5, 2, 4", "13, 1, 9, 0, 4", "600, 2, 300, 0, 150"
  })
  void numbersAreThoseOfTheDefinition(
      int length, int kvHeads, int window, double softcap, int chunk) {
    try (PointerScope scope = new PointerScope();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu");
        AttentionMasks masks = new AttentionMasks(options)) {
      CausalAttention attention = new CausalAttention(spec(kvHeads, softcap), window, chunk, masks);
      Tensor[] inputs = {leaf(HEADS, length), leaf(kvHeads, length), leaf(kvHeads, length)};
      Tensor[] again = new Tensor[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        again[i] = inputs[i].detach();
        again[i].requires_grad_(true);
      }
      Tensor mixed = attention.attend(inputs[0], inputs[1], inputs[2], null);
      Tensor expected = byDefinition(again[0], again[1], again[2], window, softcap, options);
      assertClose(mixed, expected);
      Tensor gradient = torch.randn(HostTensors.shape(expected));
      mixed.mul(gradient).sum().backward();
      expected.mul(gradient).sum().backward();
      for (int i = 0; i < inputs.length; i++) {
        assertClose(inputs[i].grad(), again[i].grad());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 512", "4, 128", "300, 150", "4096, 512"})
  void chunksFollowTheWindow(int window, int queries) {
    assertThat(CausalAttention.chunk(window)).isEqualTo(queries);
  }
}
