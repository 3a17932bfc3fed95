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
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Sines and cosines of rotary embeddings, made once for each (spec, position range) and shared by
 * the layers of a stage.
 */
final class RotaryTables implements AutoCloseable {
  /**
   * Tables of shape [T, rotaryDim].
   *
   * @param cos cosine, both halves alike
   * @param signedSin sine, the first half negated: {@code rotate_half(x) * sin} is then {@code
   *     roll(x, rotaryDim / 2) * signedSin}, one pass less
   */
  record Table(Tensor cos, Tensor signedSin) {}

  private record Key(RopeSpec spec, int firstPosition, int length) {}

  private final Map<Key, Table> tables = new HashMap<>();
  private final Map<RopeSpec, Table> tablesOfDocuments = new HashMap<>();
  private @Nullable DocumentLayout documents;
  private final TensorOptions options;

  RotaryTables(TensorOptions options) {
    this.options = options;
  }

  /** The table for positions {@code firstPosition .. firstPosition + length - 1}. Owned by this. */
  Table table(RopeSpec spec, int firstPosition, int length) {
    return tables.computeIfAbsent(new Key(spec, firstPosition, length), this::compute);
  }

  /**
   * The table of one row in which documents lie, each with positions of its own from 0. Owned by
   * this until it is asked for other documents: layers of one microbatch share it.
   */
  Table table(RopeSpec spec, DocumentLayout wanted) {
    if (!wanted.equals(documents)) {
      closeAll(tablesOfDocuments);
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
        if (!Arrays.equals(frequencies, spec.inverseFrequencies(length))) {
          part = compute(new Key(spec, 0, length));
          HostTensors.attach(part.cos);
          HostTensors.attach(part.signedSin);
        }
        parts.add(new Table(part.cos.narrow(0, 0, length), part.signedSin.narrow(0, 0, length)));
      }
      return new Table(
          joined(parts, Table::cos).retainReference(),
          joined(parts, Table::signedSin).retainReference());
    }
  }

  private static Tensor joined(List<Table> parts, Function<Table, Tensor> side) {
    return HostTensors.concatenate(0, parts.stream().map(side).toArray(Tensor[]::new));
  }

  private Table compute(Key key) {
    float[] frequencies = key.spec.inverseFrequencies(key.firstPosition + key.length);
    int half = frequencies.length;
    float factor = (float) key.spec.attentionFactor();
    float[] cos = new float[key.length * 2 * half];
    float[] sin = new float[cos.length];
    for (int t = 0; t < key.length; t++) {
      for (int i = 0; i < half; i++) {
        float angle = (key.firstPosition + t) * frequencies[i];
        int at = t * 2 * half + i;
        cos[at] = (float) Math.cos(angle) * factor;
        cos[at + half] = cos[at];
        sin[at + half] = (float) Math.sin(angle) * factor;
        sin[at] = -sin[at + half];
      }
    }
    long[] shape = {key.length, 2L * half};
    return new Table(
        HostTensors.ofFloats(cos, options, shape), HostTensors.ofFloats(sin, options, shape));
  }

  /** Rotates the leading {@code rotaryDim} dimensions of {@code x} [B, N, T, H]. */
  static Tensor rotate(Tensor x, Table table) {
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
    closeAll(tables);
    closeAll(tablesOfDocuments);
  }

  private static void closeAll(Map<?, Table> tables) {
    for (Table table : tables.values()) {
      table.cos.close();
      table.signedSin.close();
    }
    tables.clear();
  }
}
