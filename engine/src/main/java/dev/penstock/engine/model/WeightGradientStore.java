package dev.penstock.engine.model;

import java.util.ArrayDeque;
import java.util.Queue;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Weight gradients of one microbatch that are still to be computed.
 *
 * <p>A linear layer runs on a weight that autograd does not see, so that autograd computes the
 * gradient of its input only, and leaves its input and output here. Once the backward pass has put
 * the output's gradient in place, {@link #drain} adds {@code dY^T X} to the weight's gradient. A
 * full backward drains at once, a split one (Zero Bubble, Qi et al. 2023, arXiv:2401.10241) when
 * the schedule says W.
 *
 * <p>One instance per stage and microbatch, used by the rank's thread. {@link #close} frees what
 * was not drained.
 */
public final class WeightGradientStore implements AutoCloseable {
  /**
   * A layer's input, its output (or only that output's gradient), and the gradients that wait for
   * them.
   */
  private record Entry(
      Kind kind,
      Tensor input,
      Tensor output,
      boolean gradientOnly,
      Tensor weightGradient,
      @Nullable Tensor biasGradient,
      long untrainedRow) {
    @Nullable Tensor outputGradient() {
      try (PointerScope scope = new PointerScope()) {
        Tensor gradient = output.grad();
        return gradient.defined() ? gradient.detach().retainReference() : null;
      }
    }

    Entry withGradient(Tensor gradient) {
      return new Entry(kind, input, gradient, true, weightGradient, biasGradient, untrainedRow);
    }

    void release() {
      input.close();
      output.close();
    }
  }

  private enum Kind {
    LINEAR,
    EMBEDDING
  }

  private static final long NO_ROW = -1;

  private final Queue<Entry> entries = new ArrayDeque<>();

  /**
   * Leaves a linear layer's gradient to be computed later.
   *
   * @param input what the layer multiplied; last dimension = input features
   * @param output what it returned, in the autograd graph; last dimension = output features
   * @param weightGradient [output features, input features], added to
   * @param biasGradient [output features], added to; or null
   */
  public void addLinear(
      Tensor input, Tensor output, Tensor weightGradient, @Nullable Tensor biasGradient) {
    add(new Entry(Kind.LINEAR, input, output, false, weightGradient, biasGradient, NO_ROW));
  }

  /**
   * Leaves an embedding's gradient to be computed later.
   *
   * @param ids row numbers, int64
   * @param output what the embedding returned, a leaf of the autograd graph
   * @param weightGradient [rows, features], added to
   * @param untrainedRow a row whose gradient is left as it is (padding); -1: none
   */
  public void addEmbedding(Tensor ids, Tensor output, Tensor weightGradient, long untrainedRow) {
    add(new Entry(Kind.EMBEDDING, ids, output, false, weightGradient, null, untrainedRow));
  }

  private void add(Entry entry) {
    entry.output.retain_grad();
    entry.input.retainReference();
    entry.output.retainReference();
    entries.add(entry);
  }

  /**
   * Keeps of each output only its gradient: called once the backward pass through the stage is done
   * and the weights' turn comes later.
   */
  public void keepGradientsOnly() {
    for (int remaining = entries.size(); remaining > 0; remaining--) {
      Entry entry = entries.remove();
      Tensor gradient = entry.outputGradient();
      entry.output.close();
      if (gradient == null) {
        entry.input.close();
      } else {
        entries.add(entry.withGradient(gradient));
      }
    }
  }

  /**
   * Adds every waiting gradient to its weight, in the order the layers ran, and frees the tensors.
   */
  public void drain() {
    for (Entry entry = entries.poll(); entry != null; entry = entries.poll()) {
      try (PointerScope scope = new PointerScope()) {
        Tensor gradient = entry.gradientOnly ? entry.output : entry.output.grad();
        if (gradient.defined()) {
          accumulate(entry, gradient.reshape(-1, gradient.size(-1)));
        }
      } finally {
        entry.release();
      }
    }
  }

  private static void accumulate(Entry entry, Tensor gradient2d) {
    switch (entry.kind) {
      case LINEAR -> {
        Tensor input2d = entry.input.detach().reshape(-1, entry.input.size(-1));
        entry.weightGradient.addmm_(gradient2d.t(), input2d, new Scalar(1.0), new Scalar(1.0));
        if (entry.biasGradient != null) {
          entry.biasGradient.add_(gradient2d.sum(0));
        }
      }
      case EMBEDDING -> {
        Tensor ids = entry.input.reshape(-1);
        Tensor counted =
            entry.untrainedRow == NO_ROW
                ? gradient2d
                : gradient2d.masked_fill(
                    ids.eq(new Scalar(entry.untrainedRow)).unsqueeze(1), new Scalar(0.0));
        entry.weightGradient.index_add_(0, ids, counted);
      }
    }
  }

  @Override
  public void close() {
    entries.forEach(Entry::release);
    entries.clear();
  }
}
