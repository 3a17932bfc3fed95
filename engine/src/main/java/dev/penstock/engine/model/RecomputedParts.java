package dev.penstock.engine.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.jspecify.annotations.Nullable;

/**
 * Parts of a stage that ran without autograd's memory and run again in the backward pass (Chen et
 * al. 2016, arXiv:1604.06174).
 *
 * <p>Autograd sees the output of such a part as a leaf. Once the backward pass has reached that
 * leaf, the part is run again from its input, which was kept, and the pass goes on. The same
 * kernels run on the same numbers, so the gradients are the same to the bit.
 *
 * <p>One instance per stage and microbatch, used by the rank's thread.
 */
final class RecomputedParts implements AutoCloseable {
  /** A part of a stage. */
  interface Part {
    Tensor forward(Tensor input, WeightGradientStore weightGradients);
  }

  /**
   * A part that ran.
   *
   * @param before the input in the graph of what came before; null if {@code input} is itself a
   *     leaf
   * @param input what the part runs on
   * @param output a leaf, whose gradient the backward pass brings
   */
  private record Run(Part part, @Nullable Tensor before, Tensor input, Tensor output) {
    void release() {
      if (before != null) {
        before.close();
      }
      input.close();
      output.close();
    }
  }

  private final Deque<Run> runs = new ArrayDeque<>();

  /**
   * Runs a part and keeps its input alone. The output is in the caller's PointerScope.
   *
   * @param weightGradients of the microbatch, not recording
   */
  Tensor run(Part part, Tensor input, WeightGradientStore weightGradients) {
    Tensor output;
    try (PointerScope inside = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      output = part.forward(input, weightGradients).detach().retainReference();
    }
    PointerScope.getInnerScope().attach(output);
    output.requires_grad_(true);
    boolean leaf = input.is_leaf();
    Tensor own = input;
    if (!leaf) {
      own = input.detach();
      own.requires_grad_(true);
    }
    runs.push(new Run(part, leaf ? null : input.retainReference(), own.retainReference(), output));
    return output;
  }

  /**
   * Takes the backward pass from the leaves it has reached to the inputs of the parts, last part
   * first.
   *
   * @param weightGradients of the microbatch
   * @param afterPart called after each part
   */
  void backward(WeightGradientStore weightGradients, Consumer<WeightGradientStore> afterPart) {
    for (Run run = runs.poll(); run != null; run = runs.poll()) {
      try (PointerScope scope = new PointerScope()) {
        backward(run, weightGradients);
      } finally {
        run.release();
      }
      afterPart.accept(weightGradients);
    }
  }

  private static void backward(Run run, WeightGradientStore weightGradients) {
    Tensor outputGradient = run.output.grad();
    if (!outputGradient.defined()) {
      return;
    }
    backward(run.part.forward(run.input, weightGradients), outputGradient);
    if (run.before != null) {
      backward(run.before, run.input.grad());
    }
  }

  private static void backward(Tensor output, Tensor gradient) {
    if (output.requires_grad()) {
      output.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
    }
  }

  @Override
  public void close() {
    runs.forEach(Run::release);
    runs.clear();
  }
}
