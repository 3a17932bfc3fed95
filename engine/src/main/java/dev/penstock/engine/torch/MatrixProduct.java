package dev.penstock.engine.torch;

import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Products of rows with a weight, by the library that is faster at it.
 *
 * <p>torch carries oneDNN, but asks it for half precisions only. In float32 on CPUs it writes its
 * kernels for the processor at hand, whatever OpenBLAS takes that for, and packs no copy of the
 * weight, as OpenBLAS does for each product anew. With AVX-512 that is faster; without, only where
 * a weight that is not copied suits the caches. A call costs more, so small products are left to
 * OpenBLAS.
 *
 * <p>oneDNN keeps the kernels of a thousand shapes, up to a megabyte each. Where rows are as many
 * as a batch's longest text has tokens that would be most of a process's memory, so numbers of rows
 * are rounded up to few sizes; float32 products whose rows would grow by more than an eighth are
 * left to OpenBLAS. Which library multiplies is a function of the sizes alone: a run repeats to the
 * bit.
 *
 * <p>Not differentiable: call under no-grad. Results are in the caller's PointerScope; any thread
 * may call.
 */
public final class MatrixProduct {
  /** Multiplications from which on oneDNN is asked. */
  private static final long LARGE = 1L << 22;

  /** Numbers of a weight up to which it is read fast enough without a copy, by AVX2. */
  private static final long SMALL_WEIGHT = 1L << 20;

  /**
   * Rows of so many numbers, or of a multiple, begin in the same few sets of a cache: by columns
   * they are read half as fast as a copy, by AVX2.
   */
  private static final long SAME_SETS = 512;

  private static final long SIZES_IN_OCTAVE = 8;
  private static final long ROWS_BETWEEN_SIZES = 64;

  /** Found when it is first needed: natives are loaded then. */
  private static final class OneDnn {
    private static final String NAME = "mkldnn::_linear_pointwise";
    private static final int SCALARS = 4;

    static final AtenOperator LINEAR = AtenOperator.find(NAME, "");

    static final GenericList NO_SCALARS = noScalars();

    /** The type of their elements, Scalar?, can be had from the schema alone. */
    private static GenericList noScalars() {
      try (PointerScope scope = new PointerScope()) {
        FunctionSchema schema = Dispatcher.singleton().findSchemaOrThrow(NAME, "").schema();
        Type list = schema.arguments().getPointer(SCALARS).type().get();
        return new GenericList(list.containedType(0)).retainReference();
      }
    }
  }

  private MatrixProduct() {}

  /**
   * {@code x W^T + b}.
   *
   * @param x [.., K]
   * @param weight [N, K], of any strides: {@code W.t()} gives {@code x W}
   * @param bias [N] or null
   * @return [.., N]
   */
  public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    long columns = x.size(-1);
    long rows = x.numel() / Math.max(1, columns);
    long padded = padded(rows);
    boolean half = isHalf(x);
    boolean asked = !half && padded - rows <= rows / SIZES_IN_OCTAVE && isForOneDnn(x, weight);
    if (padded == rows || !(half || asked)) {
      return product(x, weight, bias, asked);
    }
    long[] shape = HostTensors.shape(x);
    shape[shape.length - 1] = weight.size(0);
    Tensor longer = lengthened(x.reshape(-1, columns), padded);
    return product(longer, weight, bias, asked).narrow(0, 0, rows).view(shape);
  }

  /** {@code y^T x} of [rows, N] and [rows, K]: [N, K]. */
  public static Tensor transposed(Tensor y, Tensor x) {
    long rows = x.size(0);
    long padded = padded(rows);
    return padded == rows || !isHalf(x)
        ? torch.mm(y.t(), x)
        : torch.mm(withZeros(y, padded).t(), withZeros(x, padded));
  }

  /** The number of rows that is multiplied for so many: few sizes, eight from one to its double. */
  static long padded(long rows) {
    if (rows <= ROWS_BETWEEN_SIZES) {
      return rows <= 1 ? rows : 2 * Long.highestOneBit(rows - 1);
    }
    long step = Math.max(ROWS_BETWEEN_SIZES, Long.highestOneBit(rows - 1) / SIZES_IN_OCTAVE);
    return (rows + step - 1) / step * step;
  }

  /** What torch itself asks oneDNN for. */
  private static boolean isHalf(Tensor x) {
    return x.is_cpu() && x.scalar_type().intern() == ScalarType.BFloat16;
  }

  /** The same rows and others, of which nothing is used: what lies behind them, or zeros. */
  private static Tensor lengthened(Tensor x, long rows) {
    long columns = x.size(1);
    long end = (x.storage_offset() + rows * columns) * x.element_size();
    // What this returned has room behind it.
    return x.is_contiguous() && end <= x.storage().nbytes()
        ? x.as_strided(new long[] {rows, columns}, new long[] {columns, 1})
        : withZeros(x, rows);
  }

  private static Tensor withZeros(Tensor x, long rows) {
    return torch.constant_pad_nd(x, new long[] {0, 0, 0, rows - x.size(0)}, new Scalar(0.0));
  }

  private static Tensor product(Tensor x, Tensor weight, @Nullable Tensor bias, boolean byOneDnn) {
    return byOneDnn
        ? byOneDnn(x, weight, bias)
        : torch.linear(x, weight, bias == null ? new TensorOptional() : new TensorOptional(bias));
  }

  private static Tensor byOneDnn(Tensor x, Tensor weight, @Nullable Tensor bias) {
    IValueVector result =
        OneDnn.LINEAR.call(
            new IValue(x),
            new IValue(weight),
            bias == null ? new IValue() : new IValue(bias),
            new IValue("none"),
            new IValue(OneDnn.NO_SCALARS),
            new IValue(""));
    // A handle of its own, for toTensor() is a reference into the vector's memory.
    return new Tensor(result.get(0).toTensor());
  }

  /** Its threads would be torch's, of which there is one: see {@link Threads}. */
  private static boolean isForOneDnn(Tensor x, Tensor weight) {
    return x.is_cpu()
        && x.scalar_type().intern() == ScalarType.Float
        && x.numel() * weight.size(0) >= LARGE
        && Threads.forProducts() == 1
        && torch.hasMKLDNN()
        && isFaster(
            Processor.ofThisMachine().instructions(),
            weight.numel(),
            weight.stride(0),
            weight.stride(1));
  }

  /**
   * As measured on one of Intel's processors with AVX-512 and one of AMD's with AVX2: see bench.
   */
  static boolean isFaster(Set<String> instructions, long numbers, long rowStride, long stride) {
    if (instructions.contains("avx512f")) {
      return true;
    }
    boolean byColumns = stride != 1 && rowStride == 1;
    return instructions.contains("avx2")
        && (byColumns ? stride % SAME_SETS != 0 : numbers <= SMALL_WEIGHT);
  }
}
