package dev.penstock.engine.modelfiles;

import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.SafetensorsHeader;
import dev.penstock.engine.safetensors.SafetensorsWriter;
import dev.penstock.engine.safetensors.TensorInfo;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.FileOutput;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Writes parameters as one safetensors file. */
public final class WeightWriter {
  private static final long CHUNK_ELEMENTS = 8L << 20;

  private WeightWriter() {}

  /**
   * Writes the values of the parameters in this order.
   *
   * @param dtype element type in the file: F64, F32, F16 or BF16
   * @return bytes of each tensor by name
   */
  public static Map<String, Long> write(
      Folder store, String file, List<Parameter> parameters, DType dtype) throws IOException {
    List<TensorInfo> tensors =
        parameters.stream()
            .map(parameter -> new TensorInfo(parameter.name(), dtype, shape(parameter)))
            .toList();
    try (FileOutput out = store.create(file)) {
      SafetensorsWriter writer =
          new SafetensorsWriter(out, file, tensors, SafetensorsHeader.PYTORCH_METADATA);
      for (Parameter parameter : parameters) {
        write(writer, parameter, dtype);
      }
      writer.finish();
      out.commit();
    }
    Map<String, Long> sizes = new LinkedHashMap<>();
    tensors.forEach(tensor -> sizes.put(tensor.name(), tensor.byteLength()));
    return sizes;
  }

  /**
   * Checks that every value has a finite one of the type it is to be saved as.
   *
   * @throws dev.penstock.engine.config.ConfigException naming each parameter that has others
   */
  public static void checkFits(List<Parameter> parameters, DType dtype) {
    FiniteCheck finite = new FiniteCheck();
    for (Parameter parameter : parameters) {
      for (long begin = 0; begin < parameter.numel(); begin += CHUNK_ELEMENTS) {
        try (PointerScope scope = new PointerScope()) {
          finite.add(parameter.name(), piece(parameter, begin, dtype));
        }
      }
    }
    finite.throwIfAny(
        "The model is not saved: as %s (saveDtype), values of these parameters would be infinite or NaN: %%s. The numbers in brackets say how many. Set saveDtype to %s."
            .formatted(name(dtype), dtype == DType.F32 ? "float32" : "bfloat16 or float32"));
  }

  private static String name(DType dtype) {
    return switch (dtype) {
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case F64 -> "float64";
      default -> "float32";
    };
  }

  private static List<Long> shape(Parameter parameter) {
    return Arrays.stream(HostTensors.shape(parameter.value())).boxed().toList();
  }

  private static void write(SafetensorsWriter writer, Parameter parameter, DType dtype)
      throws IOException {
    long numel = parameter.numel();
    for (long begin = 0; begin < numel; begin += CHUNK_ELEMENTS) {
      try (PointerScope scope = new PointerScope()) {
        Tensor host = piece(parameter, begin, dtype).cpu().contiguous();
        long length = host.numel() * dtype.byteSize();
        BytePointer bytes = new BytePointer(host.data_ptr()).capacity(length);
        writer.write(parameter.name(), bytes.asByteBuffer());
      }
    }
  }

  private static Tensor piece(Parameter parameter, long begin, DType dtype) {
    long count = Math.min(CHUNK_ELEMENTS, parameter.numel() - begin);
    return parameter
        .value()
        .detach()
        .view(-1)
        .narrow(0, begin, count)
        .to(ElementTypes.toTorch(dtype));
  }
}
