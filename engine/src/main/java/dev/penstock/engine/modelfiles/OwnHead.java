package dev.penstock.engine.modelfiles;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Finds out whether the files of a model that ties its head to its embedding hold a head of its own
 * nevertheless. Transformers then takes both as they are, if one number differs; so do we.
 *
 * <p>Numbers are compared as float32, which they are loaded as: 0 equals -0, and a NaN nothing. It
 * reads both tensors, up to the first difference, without native code: it runs on the driver.
 */
final class OwnHead {
  private static final int CHUNK_ELEMENTS = 1 << 20;

  private OwnHead() {}

  /**
   * Whether the files of a model have one.
   *
   * @param spec the model; one that is not tied has one in any case
   */
  static boolean isIn(ModelWeights weights, DecoderSpec spec) throws IOException {
    StoredWeights stored = new StoredWeights(spec, weights);
    Optional<String> head = stored.find(DecoderTensors.HEAD_WEIGHT);
    Optional<String> embedding = stored.find(DecoderTensors.EMBEDDING_WEIGHT);
    if (!spec.tiedEmbeddings() || head.isEmpty() || embedding.isEmpty()) {
      return !spec.tiedEmbeddings();
    }
    return differ(weights, weights.entry(head.get()), weights.entry(embedding.get()));
  }

  private static boolean differ(ModelWeights weights, TensorEntry one, TensorEntry other)
      throws IOException {
    if (!one.shape().equals(other.shape())
        || !TensorProblems.isReadable(one.dtype())
        || !TensorProblems.isReadable(other.dtype())) {
      return true; // which the check of shapes and types reports
    }
    for (long begin = 0; begin < one.numElements(); begin += CHUNK_ELEMENTS) {
      int count = (int) Math.min(CHUNK_ELEMENTS, one.numElements() - begin);
      ByteBuffer a = read(weights, one, begin, count);
      ByteBuffer b = read(weights, other, begin, count);
      for (int i = 0; i < count; i++) {
        if (next(a, one.dtype()) != next(b, other.dtype())) {
          return true;
        }
      }
    }
    return false;
  }

  private static ByteBuffer read(ModelWeights weights, TensorEntry tensor, long begin, int count)
      throws IOException {
    int size = tensor.dtype().byteSize();
    ByteBuffer bytes = ByteBuffer.allocate(count * size).order(ByteOrder.LITTLE_ENDIAN);
    weights.read(tensor.name(), begin * size, bytes);
    return bytes.flip();
  }

  private static float next(ByteBuffer bytes, DType dtype) {
    return switch (dtype) {
      case F64 -> (float) bytes.getDouble();
      case F32 -> bytes.getFloat();
      case BF16 -> Float.intBitsToFloat(bytes.getShort() << Short.SIZE);
      case F16 -> half(bytes.getShort());
      default -> throw new IllegalArgumentException("Weights are not stored as " + dtype);
    };
  }

  /** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
  private static float half(short bits) {
    int exponent = bits >> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    float magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((float) fraction, -24);
          case 0x1F -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Math.scalb((float) (fraction | 0x400), exponent - 25);
        };
    return bits < 0 ? -magnitude : magnitude;
  }
}
