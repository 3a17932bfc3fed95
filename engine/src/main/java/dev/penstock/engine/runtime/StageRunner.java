package dev.penstock.engine.runtime;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.model.DocumentLayout;
import dev.penstock.engine.model.Head;
import dev.penstock.engine.model.LossFunction;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.WeightGradientStore;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Forward and backward passes of one stage, and the activations of its microbatches in flight.
 *
 * <p>A microbatch is live from its forward pass to its backward pass (B) or its weight pass (W).
 * Tensors given to a method stay the caller's; tensors returned are the caller's to close.
 */
final class StageRunner implements AutoCloseable {
  /** What the backward pass of a microbatch needs. */
  private record Live(Tensor input, Tensor result, WeightGradientStore weightGradients) {
    void release() {
      input.close();
      result.close();
      weightGradients.close();
    }
  }

  private final StageModule module;
  private final boolean first;
  private final @Nullable LossFunction loss;
  private @Nullable OutputSink outputs;
  private final Map<Integer, Live> live = new HashMap<>();
  private final Map<Integer, WeightGradientStore> waitingWeights = new HashMap<>();

  /**
   * Makes the runner of a stage.
   *
   * @param first whether the stage's input is the microbatch itself
   * @param loss the loss on the last stage, else null
   */
  StageRunner(StageModule module, boolean first, @Nullable LossFunction loss) {
    this.module = requireNonNull(module, "module is null");
    this.first = first;
    this.loss = loss;
  }

  /** Shows the outputs of a last stage to {@code sink}; null: to nobody. */
  void showOutputs(@Nullable OutputSink sink) {
    outputs = sink;
  }

  StageModule module() {
    return module;
  }

  boolean isLast() {
    return loss != null;
  }

  /** Microbatches that are live now. */
  int live() {
    return live.size() + waitingWeights.size();
  }

  /**
   * Runs the stage and keeps what the backward pass needs.
   *
   * @param pass number of the pass, by step and microbatch
   * @param documents of the microbatch; null: its rows are not cut up
   * @param target the microbatch's target on the last stage, else null
   * @return the output without its graph, or on the last stage the loss
   */
  Tensor forward(
      int microbatch,
      long pass,
      Tensor received,
      @Nullable DocumentLayout documents,
      @Nullable Tensor target) {
    try (PointerScope scope = new PointerScope()) {
      Tensor input = received.detach();
      if (!first) {
        input.requires_grad_(true);
      }
      WeightGradientStore weightGradients = new WeightGradientStore(pass);
      Tensor result = apply(input, documents, weightGradients);
      if (loss != null) {
        result = lossOf(loss, microbatch, result, target, weightGradients);
      }
      live.put(
          microbatch, new Live(input.retainReference(), result.retainReference(), weightGradients));
      return result.detach().retainReference();
    }
  }

  /** Runs the stage for its output, or on the last stage its loss, alone. */
  Tensor evaluate(
      int microbatch, Tensor input, @Nullable DocumentLayout documents, @Nullable Tensor target) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor result = apply(input, documents, null);
      if (loss != null) {
        result = lossOf(loss, microbatch, result, target, null);
      }
      return result.retainReference();
    }
  }

  private Tensor lossOf(
      LossFunction function,
      int microbatch,
      Tensor output,
      @Nullable Tensor target,
      @Nullable WeightGradientStore weightGradients) {
    requireNonNull(target, "target is null");
    Head head = module.head();
    if (outputs != null) {
      outputs.accept(microbatch, head == null ? output : withoutGradients(head, output));
    }
    return head == null
        ? function.loss(output, target)
        : function.loss(output, head, target, weightGradients);
  }

  private static Tensor withoutGradients(Head head, Tensor hidden) {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      return head.forward(hidden, null);
    }
  }

  private Tensor apply(
      Tensor input,
      @Nullable DocumentLayout documents,
      @Nullable WeightGradientStore weightGradients) {
    return documents == null
        ? module.forward(input, weightGradients)
        : module.forward(input, documents, weightGradients);
  }

  /**
   * Computes the gradient of the stage's input (I).
   *
   * @param outputGradient gradient of the stage's output; null on the last stage
   * @return the input's gradient; null on the first stage
   */
  @Nullable Tensor backwardInput(int microbatch, @Nullable Tensor outputGradient) {
    Live state = take(microbatch);
    Tensor inputGradient = propagate(state, outputGradient, WeightGradientStore::backwardInputs);
    waitingWeights.put(microbatch, state.weightGradients);
    state.input.close();
    state.result.close();
    return inputGradient;
  }

  /** Computes the weight gradients that {@link #backwardInput} left (W). */
  void backwardWeight(int microbatch) {
    try (WeightGradientStore waiting =
            requireNonNull(waitingWeights.remove(microbatch), "W without I");
        NoGradGuard noGrad = new NoGradGuard()) {
      waiting.backwardWeights();
    }
  }

  /**
   * Computes all gradients of a microbatch (B); parameters and result as {@link #backwardInput}.
   */
  @Nullable Tensor backward(int microbatch, @Nullable Tensor outputGradient) {
    Live state = take(microbatch);
    Tensor inputGradient = propagate(state, outputGradient, WeightGradientStore::backwardWhole);
    state.release();
    return inputGradient;
  }

  private Live take(int microbatch) {
    return requireNonNull(live.remove(microbatch), "backward pass without forward pass");
  }

  private @Nullable Tensor propagate(
      Live state, @Nullable Tensor outputGradient, BiConsumer<WeightGradientStore, Runnable> pass) {
    try (PointerScope scope = new PointerScope()) {
      if (!state.result.requires_grad()) {
        // The first stage trains nothing, or this one cuts the graph off.
        return first ? null : torch.zeros_like(state.input).retainReference();
      }
      pass.accept(state.weightGradients, () -> backward(state.result, outputGradient));
      return first ? null : inputGradient(state.input).retainReference();
    }
  }

  private static void backward(Tensor result, @Nullable Tensor gradient) {
    if (gradient == null) {
      result.backward();
    } else {
      result.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
    }
  }

  private static Tensor inputGradient(Tensor input) {
    // grad() is a reference into the input's own memory; detach() makes a tensor that outlives it.
    Tensor gradient = input.grad();
    return gradient.defined() ? gradient.detach() : torch.zeros_like(input);
  }

  /** Frees what a failed step left. */
  void discardLive() {
    live.values().forEach(Live::release);
    live.clear();
    waitingWeights.values().forEach(WeightGradientStore::close);
    waitingWeights.clear();
  }

  @Override
  public void close() {
    discardLive();
    module.close();
  }
}
