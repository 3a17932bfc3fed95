package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What the parts of a stage compute in, by device and precision.
 *
 * <p>In bfloat16 on a CPU only products with weights, and what lies between them, are in it:
 * attention has no fast kernel there and runs in float32. Norms, softmax and loss work in float32
 * inside everywhere.
 *
 * @param activation weights as layers use them, residual stream, outputs of layers
 * @param attention queries, keys, values and scores
 * @param device e.g. {@code cpu}
 */
record ComputeTypes(ScalarType activation, ScalarType attention, String device) {
  /**
   * The types of a run.
   *
   * @param precision of weights and activations
   */
  static ComputeTypes of(ScalarType precision, String device) {
    boolean exact = precision == ScalarType.BFloat16 && device.equals("cpu");
    return new ComputeTypes(precision, exact ? ScalarType.Float : precision, device);
  }

  /** Options of tensors between layers; the caller owns them. */
  TensorOptions activationOptions() {
    return HostTensors.options(activation, device);
  }

  /** Options of tensors within attention; the caller owns them. */
  TensorOptions attentionOptions() {
    return HostTensors.options(attention, device);
  }

  /** Takes a projection into attention; the tensor itself where the types are the same. */
  Tensor intoAttention(Tensor x) {
    return x.to(attention);
  }

  /** Takes what attention mixed back between the layers. */
  Tensor outOfAttention(Tensor x) {
    return x.to(activation);
  }
}
