package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.torch.HostTensors;
import dev.penstock.engine.torch.Processor;
import dev.penstock.engine.torch.Threads;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What torch's kernel and autograd make of the same. */
class BlockedAttentionTest {
  private static final int HEADS = 4;
  private static final int HEAD_DIM = 8;
  private static final double MAX_ERROR = 2e-6;
  private static final int LEAK_ROUNDS = 100;
  private static final long MOST_LEAKED = 30L << 20;

  @BeforeAll
  static void oneThread() {
    Threads.configure(1);
  }

  private static AttentionSpec spec(int kvHeads) {
    return new AttentionSpec(HEADS, kvHeads, HEAD_DIM, 0.3, 0, false, false, QkNorm.NONE, false);
  }

  /** As the projections leave them: heads behind tokens. */
  private static Tensor leaf(long rows, int heads, long length) {
    Tensor leaf = torch.randn(new long[] {rows, length, heads, HEAD_DIM}).transpose(1, 2);
    leaf.requires_grad_(true);
    return leaf;
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(HostTensors.shape(actual)).containsExactly(HostTensors.shape(expected));
    double error = HostTensors.toDoubles(actual.sub(expected).abs().max())[0];
    double largest = HostTensors.toDoubles(expected.abs().max())[0];
    assertThat(error).isLessThanOrEqualTo(MAX_ERROR * Math.max(1, largest));
  }

  @ParameterizedTest
  @CsvSource({
    // rows, key heads, tokens of the documents
    "1, 4, 128",
    "1, 2, 300",
    "2, 1, 129",
    "3, 2, 5",
    "1, 2, 1",
    "1, 2, 7 128 1 140",
    "2, 4, 256"
  })
  void numbersAreThoseOfTheKernel(int rows, int kvHeads, String documents) {
    long[] sizes = Arrays.stream(documents.split(" ")).mapToLong(Long::parseLong).toArray();
    long length = Arrays.stream(sizes).sum();
    try (PointerScope scope = new PointerScope();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu");
        AttentionMasks masks = new AttentionMasks(options)) {
      Tensor q = leaf(rows, HEADS, length);
      Tensor k = leaf(rows, kvHeads, length);
      Tensor v = leaf(rows, kvHeads, length);
      Tensor gradient = torch.randn(new long[] {rows, length, HEADS, HEAD_DIM});
      CausalAttention kernel = new CausalAttention(spec(kvHeads), 0, 512, masks);
      Tensor[] parts = new Tensor[sizes.length];
      long begin = 0;
      for (int i = 0; i < sizes.length; i++) {
        parts[i] =
            kernel.attend(
                q.narrow(2, begin, sizes[i]),
                k.narrow(2, begin, sizes[i]),
                v.narrow(2, begin, sizes[i]),
                null);
        begin += sizes[i];
      }
      Tensor expected = HostTensors.concatenate(1, parts);
      expected.mul(gradient).sum().backward();
      BlockedAttention blocked = new BlockedAttention(spec(kvHeads), 0, masks);
      try (NoGradGuard noGrad = new NoGradGuard()) {
        BlockedAttention.Mixed mixed = blocked.attend(q.detach(), k.detach(), v.detach(), sizes);
        assertClose(mixed.mixed(), expected.detach());
        Tensor[] gradients = blocked.backward(mixed, gradient);
        assertClose(gradients[0], q.grad());
        assertClose(gradients[1], k.grad());
        assertClose(gradients[2], v.grad());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // window, length, whether it is plainly causal and few enough scores
    "0, 256, true",
    "256, 256, true",
    "255, 256, false",
    "0, 8192, true",
    "0, 16384, false"
  })
  void takesWhatItCanDo(int window, long length, boolean suits) {
    boolean here = BlockedAttention.isFaster(Processor.ofThisMachine().instructions());
    try (PointerScope scope = new PointerScope();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu");
        AttentionMasks masks = new AttentionMasks(options)) {
      Tensor q = torch.empty(new long[] {1, HEADS, length, HEAD_DIM});
      long[] whole = {length};
      assertThat(new BlockedAttention(spec(2), window, masks).suits(q, whole))
          .isEqualTo(here && suits);
    }
  }

  @Test
  void isTakenWhereItWasMeasuredToBeFaster() {
    assertThat(BlockedAttention.isFaster(Set.of("avx2"))).isTrue();
    assertThat(BlockedAttention.isFaster(Set.of("avx2", "avx512f"))).isFalse();
    assertThat(BlockedAttention.isFaster(Set.of())).isFalse();
  }

  @Test
  void nothingLeaks() {
    long before = 0;
    try (TensorOptions options = HostTensors.options(ScalarType.Float, "cpu");
        AttentionMasks masks = new AttentionMasks(options);
        NoGradGuard noGrad = new NoGradGuard()) {
      BlockedAttention blocked = new BlockedAttention(spec(2), 0, masks);
      for (int round = 0; round < LEAK_ROUNDS; round++) {
        if (round == LEAK_ROUNDS / 4) {
          before = Pointer.physicalBytes();
        }
        try (PointerScope scope = new PointerScope()) {
          Tensor q = torch.randn(new long[] {1, HEADS, 512, HEAD_DIM});
          Tensor k = torch.randn(new long[] {1, 2, 512, HEAD_DIM});
          blocked.backward(blocked.attend(q, k, k, new long[] {512}), q.transpose(1, 2));
        }
      }
    }
    // A block's scores of a round would be 75 MiB.
    assertThat(Pointer.physicalBytes() - before).isLessThan(MOST_LEAKED);
  }
}
