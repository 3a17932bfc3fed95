package dev.penstock.engine.model;

import org.bytedeco.pytorch.Tensor;

/**
 * The loss of one microbatch, a scalar, from the last stage's output. Stateless; called under grad
 * mode in the caller's PointerScope.
 */
@FunctionalInterface
public interface LossFunction {
  /**
   * Computes the loss.
   *
   * @param output what the last stage emitted
   * @param target the microbatch's target, same number of rows
   */
  Tensor loss(Tensor output, Tensor target);
}
