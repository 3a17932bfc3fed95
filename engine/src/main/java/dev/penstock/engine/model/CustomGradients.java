package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Functions of one tensor whose gradient is computed by hand, for autograd's own chain of operators
 * makes many passes over memory. The result is as large as the input and stands in the graph in the
 * place of a view of it; a hook on it turns the gradient that arrives into the input's.
 *
 * <p>The native side refers to a hook weakly, so the hooks are held here until the backward pass is
 * through. One instance per stage and microbatch, used by the rank's thread.
 */
final class CustomGradients implements AutoCloseable {
  /** The gradient of a function. */
  @FunctionalInterface
  interface Backward {
    /**
     * From the gradient of the function's output to that of its input, of the same shape.
     *
     * @param gradient not to be changed: others may hold the same tensor
     * @param saved what was saved for this
     * @return a tensor of its own
     */
    Tensor apply(Tensor gradient, Tensor[] saved);
  }

  private static final Set<ScalarType> HAND_TYPES =
      EnumSet.of(ScalarType.Float, ScalarType.BFloat16);

  private final class Hook extends TensorTensorHook {
    private final Backward backward;
    private final Tensor[] saved;

    Hook(Backward backward, Tensor[] saved) {
      super();
      this.backward = backward;
      this.saved = saved;
    }

    @Override
    public TensorBase call(TensorBase gradient) {
      try (PointerScope scope = new PointerScope()) {
        return keep(backward.apply(new Tensor(gradient), saved).retainReference());
      } finally {
        release();
      }
    }

    void release() {
      for (Tensor tensor : saved) {
        tensor.close();
      }
    }
  }

  private final List<Hook> hooks = new ArrayList<>();

  /** What the last hook returned: native code looks at it after the hook has. */
  private @Nullable Tensor last;

  private Tensor keep(Tensor gradient) {
    releaseLast();
    last = gradient;
    return gradient;
  }

  /**
   * Whether the function of {@code x} is to be computed by hand: on a CPU, where the numbers within
   * it are float32. Elsewhere fused kernels do better, and hooks run on another thread.
   *
   * @param weightGradients of the microbatch; null in evaluation
   */
  static boolean suit(Tensor x, @Nullable WeightGradientStore weightGradients) {
    return x.is_cpu()
        && HAND_TYPES.contains(x.scalar_type().intern())
        && (weightGradients != null || !GradMode.is_enabled());
  }

  /**
   * Puts a result into the graph.
   *
   * @param input of the function
   * @param result in memory of its own, made without autograd; the shape of {@code input}
   * @param saved for {@code backward}; handles of them are held until it has run
   * @return the result, in the caller's PointerScope
   */
  Tensor attach(Tensor input, Tensor result, Backward backward, Tensor... saved) {
    Tensor output = result;
    if (input.requires_grad()) {
      output = input.view_as(input);
      output.set_data(result);
    } else {
      output.requires_grad_(true);
    }
    // Handles of our own: those given may be references into a vector's memory.
    Tensor[] own =
        Arrays.stream(saved)
            .map(tensor -> new Tensor(tensor).retainReference())
            .toArray(Tensor[]::new);
    Hook hook = new Hook(backward, own);
    hook.retainReference();
    hooks.add(hook);
    output.register_hook(hook);
    return output;
  }

  private void releaseLast() {
    if (last != null) {
      last.close();
      last = null;
    }
  }

  /** Lets go of everything; after the backward pass, or instead of it. */
  @Override
  public void close() {
    releaseLast();
    for (Hook hook : hooks) {
      hook.release();
      hook.close();
    }
    hooks.clear();
  }
}
