package dev.penstock.engine.torch;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors from Java arrays and back. What is returned is owned by the caller and in no
 * PointerScope, unless the method says otherwise.
 */
public final class HostTensors {
  private HostTensors() {}

  /** Dtype and device for new tensors. The caller owns it. */
  public static TensorOptions options(ScalarType dtype, String device) {
    try (PointerScope scope = new PointerScope()) {
      TensorOptions options =
          new TensorOptions(dtype).device(new DeviceOptional(new Device(device)));
      return options.retainReference();
    }
  }

  /** An int64 tensor of token ids. */
  public static Tensor ofTokens(int[] tokens, String device, long... shape) {
    long[] values = new long[tokens.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = tokens[i];
    }
    return ofLongs(values, device, shape);
  }

  /** An int64 tensor. */
  public static Tensor ofLongs(long[] values, String device, long... shape) {
    try (PointerScope scope = new PointerScope()) {
      Tensor view =
          torch.from_blob(new LongPointer(values), shape, new TensorOptions(ScalarType.Long));
      return copyTo(view, options(ScalarType.Long, device));
    }
  }

  /** A tensor of float values with the dtype and device of {@code options}. */
  public static Tensor ofFloats(float[] values, TensorOptions options, long... shape) {
    try (PointerScope scope = new PointerScope()) {
      Tensor view =
          torch.from_blob(new FloatPointer(values), shape, new TensorOptions(ScalarType.Float));
      return copyTo(view, options);
    }
  }

  /** A tensor of double values with the dtype and device of {@code options}. */
  public static Tensor ofDoubles(double[] values, TensorOptions options, long... shape) {
    try (PointerScope scope = new PointerScope()) {
      Tensor view =
          torch.from_blob(new DoublePointer(values), shape, new TensorOptions(ScalarType.Double));
      return copyTo(view, options);
    }
  }

  /** All elements, row-major, as floats. */
  public static float[] toFloats(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      Tensor host = tensor.detach().to(torch.ScalarType.Float).cpu().contiguous();
      float[] values = new float[Math.toIntExact(host.numel())];
      new FloatPointer(host.data_ptr()).get(values);
      return values;
    }
  }

  /** All elements, row-major, as doubles. */
  public static double[] toDoubles(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      Tensor host = tensor.detach().to(torch.ScalarType.Double).cpu().contiguous();
      double[] values = new double[Math.toIntExact(host.numel())];
      new DoublePointer(host.data_ptr()).get(values);
      return values;
    }
  }

  /** All elements of an int64 tensor, row-major. */
  public static long[] toLongs(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      Tensor host = tensor.detach().cpu().contiguous();
      long[] values = new long[Math.toIntExact(host.numel())];
      new LongPointer(host.data_ptr()).get(values);
      return values;
    }
  }

  /** The sizes of a tensor. */
  public static long[] shape(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      LongArrayRef sizes = tensor.sizes();
      long[] shape = new long[Math.toIntExact(sizes.size())];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = sizes.get(i);
      }
      return shape;
    }
  }

  /** Joins tensors along a dimension, in the caller's PointerScope and autograd graph. */
  public static Tensor concatenate(long dimension, Tensor... tensors) {
    return torch.cat(new TensorVector(tensors), dimension);
  }

  /** Hands a tensor that the caller owns over to the caller's PointerScope, and returns it. */
  public static Tensor attach(Tensor owned) {
    PointerScope.getInnerScope().attach(owned);
    owned.releaseReference();
    return owned;
  }

  private static Tensor copyTo(Tensor view, TensorOptions options) {
    Tensor copy =
        torch.empty(shape(view), options, new org.bytedeco.pytorch.MemoryFormatOptional());
    copy.copy_(view);
    return copy.retainReference();
  }
}
