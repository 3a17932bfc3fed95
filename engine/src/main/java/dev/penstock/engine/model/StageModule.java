package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The part of a model that one pipeline stage computes. Implement it over JavaCPP tensors to train
 * any model with a Penstock pipeline.
 *
 * <p>One instance per stage, used by one rank's thread. The runtime calls {@link #forward} under
 * grad mode for training and under no-grad for evaluation, drives autograd from the output, and
 * closes the module.
 */
public interface StageModule extends AutoCloseable {
  /**
   * Computes the stage's output for one microbatch.
   *
   * @param input what the previous stage emitted, or the microbatch itself on the first stage;
   *     dimension 0 is the row; not to be changed in place
   * @param weightGradients where layers may leave weight gradients to be computed later (a module
   *     that ignores it has all its gradients computed in I, and its W does nothing); null in
   *     evaluation, where nothing is dropped at random and no state is changed
   * @return the output, connected to {@code input} by autograd; the caller owns it
   */
  Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients);

  /**
   * As {@link #forward(Tensor, WeightGradientStore)}, where tokens attend to their own documents
   * alone. Only called when the batches tell documents.
   *
   * @throws UnsupportedOperationException if the module has no such notion
   */
  default Tensor forward(
      Tensor input, DocumentLayout documents, @Nullable WeightGradientStore weightGradients) {
    throw new UnsupportedOperationException(
        "%s cannot keep the documents of a row apart. Train it without documentMask."
            .formatted(getClass().getName()));
  }

  /**
   * The projection that {@link #forward} of a last stage leaves to the loss, or null: then the loss
   * is of what it returns. Stays the module's.
   */
  default @Nullable Head head() {
    return null;
  }

  /** Every parameter of the stage, in a fixed order; names are unique in the whole model. */
  List<Parameter> parameters();

  /** The shape of {@link #forward}'s output for an input of this shape; no computation. */
  long[] outputShape(long[] inputShape);

  /**
   * As {@link #outputShape(long[])}, which it calls, for a module that has to see an input to tell.
   *
   * @param example a microbatch on the first stage; elsewhere zeros of the shape and dtype of what
   *     the previous stage emits; not to be changed
   */
  default long[] outputShape(Tensor example) {
    return outputShape(HostTensors.shape(example));
  }

  @Override
  void close();
}
