package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A named weight of a stage with its gradient accumulator.
 *
 * <p>{@code name} is the Hugging Face name with the global layer number, so that nothing that is
 * stored by name knows the pipeline layout. Used by its rank's thread only; the stage module that
 * made it closes it.
 *
 * @param name e.g. {@code model.layers.3.self_attn.q_proj.weight}
 * @param value the leaf tensor
 */
public record Parameter(String name, Tensor value) {
  public Parameter {
    requireNonNull(name, "name is null");
    requireNonNull(value, "value is null");
  }

  /** Number of elements. */
  public long numel() {
    return value.numel();
  }

  public boolean trainable() {
    return value.requires_grad();
  }

  /** The accumulated gradient, or null before any backward pass. In the caller's PointerScope. */
  public @Nullable Tensor grad() {
    Tensor grad = value.grad();
    return grad.defined() ? grad : null;
  }
}
