package dev.penstock.engine.modelfiles;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.ModelWeights;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Fills parameters from safetensors files, reading only their own byte ranges. */
public final class WeightReader {
  /** Enough for full speed from object stores, little beside any model. */
  private static final long CHUNK_BYTES = 32L << 20;

  private static final String NOT_FINITE =
      "The model's weights have numbers that are NaN or infinite, so nothing that it computes is of use: %s. The numbers in brackets say how many. Use an earlier state of the model, or one that was saved as float32 or bfloat16.";

  private WeightReader() {}

  /**
   * Reads the value of each weight of a rank, converted to its dtype and device. Adapters are left
   * alone: they are no part of the model's files.
   *
   * @param spec the whole model
   * @param weights a folder that {@link WeightCheck} passed
   * @throws dev.penstock.engine.config.ConfigException naming each weight that is not finite
   */
  public static void read(DecoderSpec spec, ModelWeights weights, ParameterArena arena)
      throws IOException {
    StoredWeights stored = new StoredWeights(spec, weights);
    try (NoGradGuard noGrad = new NoGradGuard();
        BytePointer buffer = new BytePointer(CHUNK_BYTES)) {
      FiniteCheck finite = new FiniteCheck();
      for (Parameter parameter : arena.parameters()) {
        TensorShape weight = ofModel(arena, parameter.name());
        if (weight != null) {
          read(weights, stored.of(weight), parameter, buffer, finite);
        }
      }
      finite.throwIfAny(NOT_FINITE);
    }
    arena.publish();
  }

  /** The model's weight that a parameter is or stands for; null for an adapter. */
  private static @Nullable TensorShape ofModel(ParameterArena arena, String parameter) {
    TensorShape shape = arena.shape(parameter);
    LoraSpec lora = arena.lora();
    if (lora == null) {
      return shape;
    }
    String weight = lora.weightOf(parameter).orElse(null);
    return weight == null ? null : new TensorShape(weight, shape.shape(), shape.init());
  }

  /**
   * Reads whole tensors.
   *
   * @param parameters by name of the tensor, whose shape each has
   */
  static void read(ModelWeights weights, Map<String, Parameter> parameters) throws IOException {
    try (NoGradGuard noGrad = new NoGradGuard();
        BytePointer buffer = new BytePointer(CHUNK_BYTES)) {
      FiniteCheck finite = new FiniteCheck();
      for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
        List<Long> shape = weights.entry(entry.getKey()).shape();
        StoredWeights.Place place = new StoredWeights.Place(entry.getKey(), shape, 0);
        read(weights, place, entry.getValue(), buffer, finite);
      }
      finite.throwIfAny(NOT_FINITE);
    }
  }

  /** Whether a tensor is what a parameter is, but for the rounding of either. */
  static boolean holds(ModelWeights weights, String tensor, Parameter parameter)
      throws IOException {
    DType dtype = weights.entry(tensor).dtype();
    ScalarType type = ElementTypes.toTorch(dtype);
    long chunk = CHUNK_BYTES / dtype.byteSize();
    for (long begin = 0; begin < parameter.numel(); begin += chunk) {
      long count = Math.min(chunk, parameter.numel() - begin);
      try (PointerScope scope = new PointerScope()) {
        BytePointer bytes = new BytePointer(count * dtype.byteSize());
        weights.read(tensor, begin * dtype.byteSize(), bytes.asByteBuffer());
        Tensor stored = torch.from_blob(bytes, new long[] {count}, new TensorOptions(type));
        Tensor own = parameter.value().detach().view(-1).narrow(0, begin, count).cpu();
        if (!own.to(type).to(own.scalar_type()).equal(stored.to(own.scalar_type()))) {
          return false;
        }
      }
    }
    return true;
  }

  private static void read(
      ModelWeights weights,
      StoredWeights.Place place,
      Parameter parameter,
      BytePointer buffer,
      FiniteCheck finite)
      throws IOException {
    DType dtype = weights.entry(place.tensor()).dtype();
    ScalarType type = ElementTypes.toTorch(dtype);
    long elementBytes = dtype.byteSize();
    long chunk = CHUNK_BYTES / elementBytes;
    long numel = parameter.numel();
    for (long begin = 0; begin < numel; begin += chunk) {
      long count = Math.min(chunk, numel - begin);
      long from = (place.begin() + begin) * elementBytes;
      try (PointerScope scope = new PointerScope()) {
        Tensor target = parameter.value().view(-1).narrow(0, begin, count);
        boolean sameBytes = target.is_cpu() && target.scalar_type().intern() == type;
        BytePointer bytes = sameBytes ? new BytePointer(target.data_ptr()) : buffer;
        weights.read(place.tensor(), from, bytes.capacity(count * elementBytes).asByteBuffer());
        if (!sameBytes) {
          target.copy_(torch.from_blob(bytes, new long[] {count}, new TensorOptions(type)));
        }
        finite.add(parameter.name(), target);
      }
    }
  }
}
