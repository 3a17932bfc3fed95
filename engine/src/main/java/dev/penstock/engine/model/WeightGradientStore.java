package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.Queue;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Weight gradients of one microbatch that are still to be computed.
 *
 * <p>A linear layer runs on its detached weight, so that autograd computes the gradient of its
 * input only, and leaves its input and output here. Once the backward pass has put the output's
 * gradient in place, {@link #drain} adds {@code dY^T X} to each weight's gradient. A full backward
 * drains at once, a split one (Zero Bubble, Qi et al. 2023, arXiv:2401.10241) when the schedule
 * says W.
 *
 * <p>One instance per stage and microbatch, used by the rank's thread. {@link #close} frees what
 * was not drained.
 */
public final class WeightGradientStore implements AutoCloseable {
  private record Entry(Tensor input, Tensor output, Tensor weight, @Nullable Tensor bias) {}

  private final Queue<Entry> entries = new ArrayDeque<>();

  /**
   * Leaves a linear layer's gradient to be computed later.
   *
   * @param input what the layer multiplied; last dimension = input features
   * @param output what it returned, in the autograd graph; last dimension = output features
   * @param weight leaf of shape [output features, input features] with a defined gradient
   * @param bias leaf of shape [output features] with a defined gradient, or null
   */
  public void add(Tensor input, Tensor output, Tensor weight, @Nullable Tensor bias) {
    requireNonNull(input, "input is null");
    output.retain_grad();
    entries.add(new Entry(input.retainReference(), output.retainReference(), weight, bias));
  }

  /**
   * Adds every waiting gradient to its weight, in the order the layers ran, and frees the tensors.
   */
  public void drain() {
    for (Entry entry = entries.poll(); entry != null; entry = entries.poll()) {
      try (PointerScope scope = new PointerScope()) {
        Tensor outputGradient = entry.output.grad();
        if (outputGradient.defined()) {
          accumulate(entry, outputGradient);
        }
      } finally {
        release(entry);
      }
    }
  }

  private static void accumulate(Entry entry, Tensor outputGradient) {
    Tensor gradient2d = outputGradient.reshape(-1, outputGradient.size(-1));
    Tensor input2d = entry.input.reshape(-1, entry.input.size(-1)).detach();
    if (entry.weight.requires_grad()) {
      entry.weight.grad().addmm_(gradient2d.t(), input2d, new Scalar(1.0), new Scalar(1.0));
    }
    if (entry.bias != null && entry.bias.requires_grad()) {
      entry.bias.grad().add_(gradient2d.sum(0));
    }
  }

  private static void release(Entry entry) {
    entry.input.close();
    entry.output.close();
  }

  @Override
  public void close() {
    entries.forEach(WeightGradientStore::release);
    entries.clear();
  }
}
