package dev.penstock.engine.optim;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Numbers that fused kernels read from tensors of their own; the caller closes them. */
final class KernelScalars {
  private KernelScalars() {}

  /** The kernels read the step and the divisor from float32 scalars on the parameters' device. */
  static Tensor like(Tensor like) {
    try (PointerScope scope = new PointerScope()) {
      TensorOptions options =
          new TensorOptions(ScalarType.Float).device(new DeviceOptional(like.device()));
      return torch.zeros(new long[0], options).retainReference();
    }
  }

  static void set(Tensor scalar, double value) {
    try (PointerScope scope = new PointerScope()) {
      scalar.fill_(new Scalar(value));
    }
  }
}
