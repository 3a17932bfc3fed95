package dev.penstock.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whichever library multiplies, the product is the same. */
class MatrixProductTest {
  private static final double MAX_ERROR = 1e-5;
  private static final double MAX_HALF_ERROR = 8e-3;

  @BeforeEach
  void sameNumbersEachTime() {
    Threads.configure(1);
    torch.manual_seed(0);
  }

  @AfterAll
  static void oneThread() {
    Threads.configure(1);
  }

  private static double error(Tensor actual, Tensor x, Tensor weight, Tensor bias) {
    Tensor exact = torch.matmul(x.to(ScalarType.Double), weight.to(ScalarType.Double).t());
    if (bias != null) {
      exact = exact.add(bias.to(ScalarType.Double));
    }
    double largest = exact.abs().max().item_double();
    return actual.to(ScalarType.Double).sub(exact).abs().max().item_double() / largest;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 5, 3, 1",
    "1, 7, 16, 24, 1",
    "1, 255, 96, 300, 1",
    "2, 130, 256, 320, 1",
    "2, 130, 256, 320, 2",
    "1, 250, 256, 320, 1",
    "3, 300, 256, 320, 1",
    "1, 1, 2048, 4096, 1"
  })
  void productsAreRight(int rows, int tokens, int in, int out, int threads) {
    Threads.configure(threads);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor x = torch.randn(new long[] {rows, tokens, in});
      Tensor weight = torch.randn(new long[] {out, in});
      Tensor bias = torch.randn(new long[] {out});
      Tensor plain;
      // What is kept of a scope is a tensor of its own.
      try (PointerScope inside = new PointerScope()) {
        plain = MatrixProduct.linear(x, weight, null).retainReference();
      }
      HostTensors.attach(plain);
      assertThat(HostTensors.shape(plain)).containsExactly(rows, tokens, out);
      assertThat(error(plain, x, weight, null)).isLessThan(MAX_ERROR);
      assertThat(error(MatrixProduct.linear(x, weight, bias), x, weight, bias))
          .isLessThan(MAX_ERROR);
      Tensor back = MatrixProduct.linear(plain, weight.t(), null);
      assertThat(HostTensors.shape(back)).containsExactly(rows, tokens, in);
      assertThat(error(back, plain, weight.t(), null)).isLessThan(MAX_ERROR);
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 96", "512, 1024"})
  void viewsAndHalfPrecisionsAreTaken(int in, int out) {
    Threads.configure(1);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor wide = torch.randn(new long[] {200, 3L * in});
      Tensor part = wide.narrow(1, in, in);
      Tensor weight = torch.randn(new long[] {out, in});
      assertThat(error(MatrixProduct.linear(part, weight, null), part, weight, null))
          .isLessThan(MAX_ERROR);
      Tensor exact = torch.randn(new long[] {200, in}).to(ScalarType.Double);
      Tensor exactWeight = weight.to(ScalarType.Double);
      assertThat(MatrixProduct.linear(exact, exactWeight, null).scalar_type().intern())
          .isEqualTo(ScalarType.Double);
    }
  }

  /** Whatever rows lie behind those that are multiplied: they count for nothing. */
  @Test
  void rowsBehindAreNotUsed() {
    Threads.configure(1);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor all = torch.randn(new long[] {256, 256});
      all.narrow(0, 250, 6).fill_(new Scalar(Float.NaN));
      Tensor x = all.narrow(0, 0, 250);
      Tensor weight = torch.randn(new long[] {320, 256});
      assertThat(error(MatrixProduct.linear(x, weight, null), x, weight, null))
          .isLessThan(MAX_ERROR);
    }
  }

  /** oneDNN keeps kernels for each of them. */
  @Test
  void numbersOfRowsAreFew() {
    assertThat(LongStream.rangeClosed(1, 8192).map(MatrixProduct::padded).distinct().count())
        .isLessThan(50);
    for (long rows = 1; rows <= 8192; rows++) {
      long most = rows <= 64 ? 2 * rows : rows + 63 + rows / 8;
      assertThat(MatrixProduct.padded(rows)).isBetween(rows, most);
    }
    assertThat(
            List.of(0L, 1L, 3L, 255L, 256L, 257L, 1000L, 2049L).stream().map(MatrixProduct::padded))
        .containsExactly(0L, 1L, 4L, 256L, 256L, 320L, 1024L, 2304L);
  }

  /** In bfloat16 all products go to oneDNN, and so all rows are rounded up. */
  @ParameterizedTest
  @ValueSource(longs = {1, 37, 64, 130, 333})
  void bfloat16IsRoundedUpToo(long rows) {
    Threads.configure(1);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor x = torch.randn(new long[] {rows, 48}).to(ScalarType.BFloat16);
      Tensor y = torch.randn(new long[] {rows, 80}).to(ScalarType.BFloat16);
      Tensor weight = torch.randn(new long[] {80, 48}).to(ScalarType.BFloat16);
      assertThat(error(MatrixProduct.linear(x, weight, null), x, weight, null))
          .isLessThan(MAX_HALF_ERROR);
      assertThat(error(MatrixProduct.transposed(y, x), y.t(), x.t(), null))
          .isLessThan(MAX_HALF_ERROR);
    }
  }

  /** What instructions there are, and what the weight is like; W.t() is read by columns. */
  @ParameterizedTest
  @CsvSource({
    "avx2 avx512f, 2097152, 1, 1024, true",
    "avx2, 360448, 256, 1, true",
    "avx2, 4194304, 1024, 1, false",
    "avx2, 4194304, 1, 512, false",
    "avx2, 4194304, 1, 2048, false",
    "avx2, 4718592, 1, 576, true",
    "asimd, 360448, 256, 1, false",
    "'', 360448, 256, 1, false"
  })
  void oneDnnIsAskedWhereItIsFaster(
      String instructions, long numbers, long rowStride, long stride, boolean faster) {
    assertThat(MatrixProduct.isFaster(Set.of(instructions.split(" ")), numbers, rowStride, stride))
        .isEqualTo(faster);
  }
}
