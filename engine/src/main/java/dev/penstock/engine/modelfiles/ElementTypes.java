package dev.penstock.engine.modelfiles;

import dev.penstock.engine.safetensors.DType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The element types that weights are stored in, as torch names them. */
final class ElementTypes {
  private ElementTypes() {}

  static ScalarType toTorch(DType dtype) {
    return switch (dtype) {
      case F64 -> ScalarType.Double;
      case F32 -> ScalarType.Float;
      case F16 -> ScalarType.Half;
      case BF16 -> ScalarType.BFloat16;
      default -> throw new IllegalArgumentException("Weights are not stored as " + dtype);
    };
  }
}
