package dev.penstock.engine.optim;

import dev.penstock.engine.model.Parameter;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Parameters with given values and gradients, in the caller's scope. */
final class TestParameters {
  private TestParameters() {}

  static Parameter of(String name, ScalarType dtype, double[] value, double[] gradient) {
    Tensor leaf = tensor(dtype, value).set_requires_grad(true);
    Parameter parameter = Parameter.ofLeaf(name, leaf);
    setGradient(parameter, gradient);
    return parameter;
  }

  /** A float64 parameter of zeros. */
  static Parameter ofGradient(String name, double... gradient) {
    return of(name, ScalarType.Double, new double[gradient.length], gradient);
  }

  static void setGradient(Parameter parameter, double[] gradient) {
    parameter.value().mutable_grad().put(tensor(parameter.value().scalar_type(), gradient));
  }

  static double[] gradient(Parameter parameter) {
    return values(parameter.value().grad());
  }

  static double[] values(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      Tensor host = tensor.detach().to(ScalarType.Double).contiguous();
      double[] values = new double[Math.toIntExact(host.numel())];
      new DoublePointer(host.data_ptr()).get(values);
      return values;
    }
  }

  private static Tensor tensor(ScalarType dtype, double[] values) {
    return torch
        .from_blob(
            new DoublePointer(values),
            new long[] {values.length},
            new TensorOptions(ScalarType.Double))
        .to(dtype, false, true /* copy */, new org.bytedeco.pytorch.MemoryFormatOptional());
  }
}
