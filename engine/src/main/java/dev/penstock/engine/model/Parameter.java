package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A named weight of a stage and where its gradient is summed.
 *
 * <p>{@code name} is the Hugging Face name with the global layer number, so that nothing that is
 * stored by name knows the pipeline layout. Used by its rank's thread only; the stage module that
 * made it closes the tensors.
 *
 * @param name e.g. {@code model.layers.3.self_attn.q_proj.weight}
 * @param value the weight
 * @param gradientBuffer the tensor that gradients are added to; null: autograd makes it, as {@code
 *     value.grad()}
 * @param trainable whether the optimizer changes it
 */
public record Parameter(
    String name, Tensor value, @Nullable Tensor gradientBuffer, boolean trainable) {
  public Parameter {
    requireNonNull(name, "name is null");
    requireNonNull(value, "value is null");
  }

  /** A parameter that is an autograd leaf, as a custom {@link StageModule} has them. */
  public static Parameter ofLeaf(String name, Tensor leaf) {
    return new Parameter(name, leaf, null, leaf.requires_grad());
  }

  /** Number of elements. */
  public long numel() {
    return value.numel();
  }

  /** The summed gradient, or null before any backward pass of an autograd leaf. */
  public @Nullable Tensor grad() {
    if (gradientBuffer != null) {
      return gradientBuffer;
    }
    Tensor grad = value.grad();
    return grad.defined() ? grad : null;
  }

  /** Lets go of the gradient that autograd made, or sets the buffer to zero. */
  public void clearGrad() {
    if (gradientBuffer != null) {
      gradientBuffer.zero_();
    } else {
      value.mutable_grad().reset();
    }
  }
}
