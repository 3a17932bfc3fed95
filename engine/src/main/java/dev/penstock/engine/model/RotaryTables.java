package dev.penstock.engine.model;

import dev.penstock.engine.model.rope.RopeSpec;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Sines and cosines of rotary embeddings, shared by the layers of a stage: of each spec one table,
 * which grows with the positions that are asked for and is looked at in parts.
 */
final class RotaryTables implements AutoCloseable {
  /**
   * Tables of shape [T, rotaryDim].
   *
   * @param cos cosine, both halves alike
   * @param signedSin sine, the first half negated: {@code rotate_half(x) * sin} is then {@code
   *     roll(x, rotaryDim / 2) * signedSin}, one pass less
   */
  record Table(Tensor cos, Tensor signedSin) {
    Table narrow(int first, int length) {
      return first == 0 && length == cos.size(0)
          ? this
          : new Table(cos.narrow(0, first, length), signedSin.narrow(0, first, length));
    }

    void close() {
      cos.close();
      signedSin.close();
    }
  }

  /** The table of one spec: positions {@code first .. end - 1}, for frequencies of some length. */
  private static final class Kept {
    private final float[] frequencies;
    private final int first;
    private final int end;
    private final Table table;
    private int seqLength;

    Kept(float[] frequencies, int first, int end, Table table) {
      this.frequencies = frequencies;
      this.first = first;
      this.end = end;
      this.table = table;
    }

    boolean covers(int begin, int length) {
      return first <= begin && begin + length <= end;
    }
  }

  private final Map<RopeSpec, Kept> tables = new HashMap<>();
  private final Map<RopeSpec, Table> tablesOfDocuments = new HashMap<>();
  private @Nullable DocumentLayout documents;
  private final TensorOptions options;

  RotaryTables(TensorOptions options) {
    this.options = options;
  }

  /**
   * The table for positions {@code firstPosition .. firstPosition + length - 1}. Owned by this, or
   * a view in the caller's PointerScope of what is.
   */
  Table table(RopeSpec spec, int firstPosition, int length) {
    int seqLength = firstPosition + length;
    Kept kept = tables.get(spec);
    if (kept == null || kept.seqLength != seqLength || !kept.covers(firstPosition, length)) {
      kept = renewed(kept, spec, firstPosition, length);
      kept.seqLength = seqLength;
      tables.put(spec, kept);
    }
    return kept.table.narrow(firstPosition - kept.first, length);
  }

  private Kept renewed(@Nullable Kept kept, RopeSpec spec, int firstPosition, int length) {
    int end = firstPosition + length;
    float[] frequencies = spec.inverseFrequencies(end);
    boolean same = kept != null && Arrays.equals(frequencies, kept.frequencies);
    if (same && kept.covers(firstPosition, length)) {
      return kept;
    }
    // Some scalings have other frequencies for each length: then a longer table is of no use.
    int first = same ? 0 : firstPosition;
    int newEnd = same ? (int) Math.max(end, Math.min(2L * kept.end, Integer.MAX_VALUE)) : end;
    if (kept != null) {
      kept.table.close();
    }
    return new Kept(frequencies, first, newEnd, compute(spec, frequencies, first, newEnd));
  }

  /** Positions that tables are kept of, all specs together. */
  int keptPositions() {
    return tables.values().stream().mapToInt(kept -> kept.end - kept.first).sum();
  }

  /**
   * The table of one row in which documents lie, each with positions of its own from 0. Owned by
   * this until it is asked for other documents: layers of one microbatch share it.
   */
  Table table(RopeSpec spec, DocumentLayout wanted) {
    if (!wanted.equals(documents)) {
      tablesOfDocuments.values().forEach(Table::close);
      tablesOfDocuments.clear();
      documents = wanted;
    }
    return tablesOfDocuments.computeIfAbsent(spec, key -> compute(key, wanted));
  }

  private Table compute(RopeSpec spec, DocumentLayout layout) {
    try (PointerScope scope = new PointerScope()) {
      Table row = table(spec, 0, layout.rowLength());
      float[] frequencies = spec.inverseFrequencies(layout.rowLength());
      List<Table> parts = new ArrayList<>();
      for (int length : layout.lengths()) {
        // Some scalings have frequencies of their own for short sequences.
        Table part = row;
        float[] own = spec.inverseFrequencies(length);
        if (!Arrays.equals(frequencies, own)) {
          part = compute(spec, own, 0, length);
          HostTensors.attach(part.cos);
          HostTensors.attach(part.signedSin);
        }
        parts.add(part.narrow(0, length));
      }
      return new Table(
          joined(parts, Table::cos).retainReference(),
          joined(parts, Table::signedSin).retainReference());
    }
  }

  private static Tensor joined(List<Table> parts, Function<Table, Tensor> side) {
    return HostTensors.concatenate(0, parts.stream().map(side).toArray(Tensor[]::new));
  }

  private Table compute(RopeSpec spec, float[] frequencies, int first, int end) {
    int half = frequencies.length;
    float factor = (float) spec.attentionFactor();
    float[] cos = new float[Math.multiplyExact(end - first, 2 * half)];
    float[] sin = new float[cos.length];
    for (int t = 0; t < end - first; t++) {
      for (int i = 0; i < half; i++) {
        float angle = (first + t) * frequencies[i];
        int at = t * 2 * half + i;
        cos[at] = (float) Math.cos(angle) * factor;
        cos[at + half] = cos[at];
        sin[at + half] = (float) Math.sin(angle) * factor;
        sin[at] = -sin[at + half];
      }
    }
    long[] shape = {end - first, 2L * half};
    return new Table(
        HostTensors.ofFloats(cos, options, shape), HostTensors.ofFloats(sin, options, shape));
  }

  /** Rotates the leading {@code rotaryDim} dimensions of {@code x} [B, N, T, H]. */
  static Tensor rotate(Tensor x, Table table, @Nullable WeightGradientStore weightGradients) {
    return CustomGradients.suit(x, weightGradients)
        ? rotateByHand(x, table, weightGradients)
        : rotateByAutograd(x, table);
  }

  /** The gradient of a rotation is the rotation back. */
  private static Tensor rotateByHand(
      Tensor x, Table table, @Nullable WeightGradientStore weightGradients) {
    long half = table.cos.size(-1) / 2;
    Tensor cos = table.cos.narrow(-1, 0, half);
    Tensor sin = table.signedSin.narrow(-1, half, half);
    Tensor result;
    try (NoGradGuard noGrad = new NoGradGuard()) {
      result = turned(x, cos, sin, 1);
    }
    if (weightGradients == null || !weightGradients.isRecording() || !x.requires_grad()) {
      return result;
    }
    return weightGradients
        .customGradients()
        .attach(x, result, (gradient, saved) -> turned(gradient, saved[0], saved[1], -1), cos, sin);
  }

  /**
   * Turns by the angles, or back.
   *
   * @param cos [T, half of the rotated dimensions]
   * @param sign of the angles
   */
  private static Tensor turned(Tensor x, Tensor cos, Tensor sin, double sign) {
    long half = cos.size(-1);
    long rest = x.size(-1) - 2 * half;
    // The heads of a token lie side by side, as the projections have them.
    long[] shape = {x.size(0), x.size(2), x.size(1), x.size(3)};
    Tensor turned = torch.empty(shape, x.options(), new MemoryFormatOptional()).transpose(1, 2);
    Tensor first = x.narrow(-1, 0, half);
    Tensor second = x.narrow(-1, half, half);
    Tensor newFirst = turned.narrow(-1, 0, half);
    Tensor newSecond = turned.narrow(-1, half, half);
    torch.mul_out(newFirst, first, cos);
    newFirst.addcmul_(second, sin, new Scalar(-sign));
    torch.mul_out(newSecond, second, cos);
    newSecond.addcmul_(first, sin, new Scalar(sign));
    if (rest > 0) {
      turned.narrow(-1, 2 * half, rest).copy_(x.narrow(-1, 2 * half, rest));
    }
    return turned;
  }

  private static Tensor rotateByAutograd(Tensor x, Table table) {
    long rotaryDim = table.cos.size(-1);
    long headDim = x.size(-1);
    if (rotaryDim == headDim) {
      return rotateWhole(x, table, rotaryDim);
    }
    Tensor rotated = rotateWhole(x.narrow(-1, 0, rotaryDim), table, rotaryDim);
    return HostTensors.concatenate(-1, rotated, x.narrow(-1, rotaryDim, headDim - rotaryDim));
  }

  private static Tensor rotateWhole(Tensor x, Table table, long rotaryDim) {
    Tensor swapped = x.roll(new long[] {rotaryDim / 2}, -1);
    return torch.addcmul(x.mul(table.cos), swapped, table.signedSin);
  }

  @Override
  public void close() {
    tables.values().forEach(kept -> kept.table.close());
    tables.clear();
    tablesOfDocuments.values().forEach(Table::close);
    tablesOfDocuments.clear();
  }
}
