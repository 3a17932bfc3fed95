package dev.penstock.engine.model;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The loss of one microbatch, a scalar, from what the last stage emitted. Stateless; called under
 * grad mode for training and under no-grad for evaluation, in the caller's PointerScope.
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

  /**
   * Computes the loss where the last stage leaves its head to the loss ({@link StageModule#head}):
   * of all outputs at once, unless the function knows how to do with a few at a time.
   *
   * @param hidden what the last stage emitted, [B, T, D]
   * @param head makes outputs of it
   * @param weightGradients of the microbatch; null in evaluation. A function that runs the head's
   *     backward pass itself, as long as its outputs are there, adds to the weights' gradients at
   *     once
   */
  default Tensor loss(
      Tensor hidden, Head head, Tensor target, @Nullable WeightGradientStore weightGradients) {
    return loss(head.forward(hidden, weightGradients), target);
  }
}
