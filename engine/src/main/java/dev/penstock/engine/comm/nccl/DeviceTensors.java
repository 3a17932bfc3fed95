package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.comm.TensorSpec;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The tensors that transfers need, on a rank's GPU. The caller owns what is returned; it is in no
 * PointerScope.
 */
record DeviceTensors(byte device) {
  private static final String PREFIX = "cuda:";
  private static final long[] ONE = {1};

  /** N of {@code cuda:N}. */
  static byte index(String device) {
    if (!device.startsWith(PREFIX)) {
      throw new IllegalArgumentException(
          "NCCL connects ranks on GPUs, but the device is '%s'. Use cuda:N.".formatted(device));
    }
    return Byte.parseByte(device.substring(PREFIX.length()));
  }

  /** Room for a message. */
  Tensor empty(TensorSpec spec) {
    try (PointerScope scope = new PointerScope()) {
      return torch.empty(spec.sizes(), options(spec.dtype()), null).retainReference();
    }
  }

  /** The header that goes before a message: its tag. */
  Tensor header(long tag) {
    try (PointerScope scope = new PointerScope()) {
      return torch.full(ONE, new Scalar(tag), options(ScalarType.Long)).retainReference();
    }
  }

  /** Where a received header is copied to: page-locked, so that the copy does not stop the host. */
  Tensor hostHeader() {
    try (PointerScope scope = new PointerScope()) {
      TensorOptions options =
          new TensorOptions(ScalarType.Long).pinned_memory(new BoolOptional(true));
      return torch.empty(ONE, options, null).retainReference();
    }
  }

  /** A contiguous tensor with the values of {@code tensor}, outside the autograd graph. */
  Tensor share(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      return tensor.detach().contiguous().retainReference();
    }
  }

  /** In the caller's PointerScope. */
  Device torchDevice() {
    return new Device(PREFIX + device);
  }

  private TensorOptions options(ScalarType dtype) {
    return new TensorOptions(dtype).device(new DeviceOptional(torchDevice()));
  }
}
