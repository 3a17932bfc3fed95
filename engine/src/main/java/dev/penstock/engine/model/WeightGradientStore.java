package dev.penstock.engine.model;

import dev.penstock.engine.torch.MatrixProduct;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Queue;
import java.util.function.BiConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the backward pass of one microbatch through a stage has to do beside autograd: compute
 * weight gradients, and run parts of the stage again.
 *
 * <p>A linear layer runs on a weight that autograd does not see, so that autograd computes the
 * gradient of its input only, and leaves its input and output here. Once the backward pass has put
 * the output's gradient in place, {@code dY^T X} is added to the weight's gradient. A full backward
 * does so at once, a split one (Zero Bubble, Qi et al. 2023, arXiv:2401.10241) when the schedule
 * says W. Layers whose gradients are made by hand tell their output's gradient themselves.
 *
 * <p>One instance per stage and microbatch, used by the rank's thread. {@link #close} frees what is
 * left.
 */
public final class WeightGradientStore implements AutoCloseable {
  /** A layer's input, its output or that output's gradient, and the gradients to add to. */
  private record Entry(
      Kind kind,
      Tensor input,
      Tensor output,
      Tensor weightGradient,
      @Nullable Tensor biasGradient,
      long untrainedRow) {
    Entry withOutput(Tensor gradient) {
      return new Entry(kind, input, gradient, weightGradient, biasGradient, untrainedRow);
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
  private static final long[] ROWS = {0};

  /** Entries with outputs, in the order the layers ran. */
  private final Deque<Entry> entries = new ArrayDeque<>();

  /** Entries with gradients in place of outputs, in the order the backward pass reached them. */
  private final Queue<Entry> ready = new ArrayDeque<>();

  private final RecomputedParts recomputed = new RecomputedParts();
  private final CustomGradients customGradients = new CustomGradients();
  private final long pass;
  private boolean recording = true;
  private boolean waiting;

  /**
   * Makes an empty store.
   *
   * @param pass number of the forward pass, by step and microbatch, which seeds what is random in
   *     it
   */
  public WeightGradientStore(long pass) {
    this.pass = pass;
  }

  /**
   * Number of the forward pass, by step and microbatch: the same on every stage, under every
   * schedule, and when a part of the stage runs again.
   */
  public long pass() {
    return pass;
  }

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
    add(new Entry(Kind.LINEAR, input, output, weightGradient, biasGradient, NO_ROW));
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
    add(new Entry(Kind.EMBEDDING, ids, output, weightGradient, null, untrainedRow));
  }

  /**
   * Adds a linear layer's gradient, or leaves it to {@link #backwardWeights}; in the backward pass,
   * when it has reached the layer. Tensors are held by handles of this store's own.
   *
   * @param input what the layer multiplied; last dimension = input features
   * @param gradient of the layer's output; last dimension = output features
   * @param weightGradient [output features, input features], added to
   * @param biasGradient [output features], added to; or null
   */
  void addReached(
      Tensor input, Tensor gradient, Tensor weightGradient, @Nullable Tensor biasGradient) {
    Entry entry =
        new Entry(Kind.LINEAR, held(input), held(gradient), weightGradient, biasGradient, NO_ROW);
    if (waiting) {
      ready.add(entry);
      return;
    }
    try (NoGradGuard noGrad = new NoGradGuard()) {
      add(entry, entry.output);
    }
  }

  private static Tensor held(Tensor tensor) {
    return new Tensor(tensor).retainReference();
  }

  private void add(Entry entry) {
    entry.output.retain_grad();
    entry.input.retainReference();
    entry.output.retainReference();
    entries.add(entry);
  }

  /**
   * Runs a part of the stage now, keeping its input alone, and again in {@link #backwardWhole} or
   * {@link #backwardInputs}. The output is in the caller's PointerScope.
   */
  Tensor runRecomputed(RecomputedParts.Part part, Tensor input) {
    recording = false;
    try {
      return recomputed.run(part, input, this);
    } finally {
      recording = true;
    }
  }

  /** The gradients that layers compute by hand in the backward pass of this microbatch. */
  CustomGradients customGradients() {
    return customGradients;
  }

  /** Whether layers leave their gradients here; not while a part runs that will run again. */
  boolean isRecording() {
    return recording;
  }

  /**
   * Runs the backward pass and adds every gradient to its weight.
   *
   * @param autograd the pass from the stage's output, as far as autograd takes it
   */
  public void backwardWhole(Runnable autograd) {
    autograd.run();
    computeReached();
    recomputed.backward(this, WeightGradientStore::computeReached);
    closeEntries();
  }

  /**
   * As {@link #backwardWhole}, but leaves the weights' gradients to {@link #backwardWeights}: of
   * each output only its gradient is kept.
   */
  public void backwardInputs(Runnable autograd) {
    waiting = true;
    autograd.run();
    keepReached();
    recomputed.backward(this, WeightGradientStore::keepReached);
    closeEntries();
  }

  /** Adds every gradient that {@link #backwardInputs} left to its weight. */
  public void backwardWeights() {
    for (Entry entry = ready.poll(); entry != null; entry = ready.poll()) {
      add(entry, entry.output);
    }
  }

  private void computeReached() {
    takeReached(
        (entry, gradient) -> {
          try (NoGradGuard noGrad = new NoGradGuard()) {
            add(entry, gradient);
          }
        });
  }

  private void keepReached() {
    takeReached(
        (entry, gradient) -> {
          // grad() is a reference into the output's own memory.
          ready.add(entry.withOutput(gradient.detach().retainReference()));
          entry.output.close();
        });
  }

  /**
   * Takes out the entries whose gradient is there, last layer first: the embedding is the last to
   * have one, so a head that is tied to it always adds first.
   */
  private void takeReached(BiConsumer<Entry, Tensor> use) {
    for (Iterator<Entry> last = entries.descendingIterator(); last.hasNext(); ) {
      Entry entry = last.next();
      try (PointerScope scope = new PointerScope()) {
        Tensor gradient = entry.output.grad();
        if (gradient.defined()) {
          last.remove();
          use.accept(entry, gradient);
        }
      }
    }
  }

  private static void add(Entry entry, Tensor gradient) {
    try (PointerScope scope = new PointerScope()) {
      accumulate(entry, gradient.reshape(-1, gradient.size(-1)));
    } finally {
      entry.release();
    }
  }

  private static void accumulate(Entry entry, Tensor gradient2d) {
    switch (entry.kind) {
      case LINEAR -> {
        Tensor input2d = entry.input.detach().reshape(-1, entry.input.size(-1));
        addProduct(entry.weightGradient, gradient2d, input2d, 1.0);
        if (entry.biasGradient != null) {
          entry.biasGradient.add_(
              gradient2d.sum(
                  ROWS, false, new ScalarTypeOptional(entry.biasGradient.scalar_type())));
        }
      }
      case EMBEDDING -> {
        Tensor ids = entry.input.reshape(-1);
        Tensor counted =
            entry.untrainedRow == NO_ROW
                ? gradient2d
                : gradient2d.masked_fill(
                    ids.eq(new Scalar(entry.untrainedRow)).unsqueeze(1), new Scalar(0.0));
        entry.weightGradient.index_add_(0, ids, counted.to(entry.weightGradient.scalar_type()));
      }
    }
  }

  /**
   * Adds {@code scale y^T x}. Gradients are summed in float32 where layers compute in a half
   * precision, in which each product is rounded.
   */
  static void addProduct(Tensor sum, Tensor y, Tensor x, double scale) {
    if (sum.scalar_type().intern() == y.scalar_type().intern()) {
      sum.addmm_(y.t(), x, new Scalar(1.0), new Scalar(scale));
    } else {
      sum.add_(MatrixProduct.transposed(y, x), new Scalar(scale));
    }
  }

  /** Frees what the backward pass did not reach, and what it alone needed. */
  private void closeEntries() {
    customGradients.close();
    entries.forEach(Entry::release);
    entries.clear();
  }

  @Override
  public void close() {
    closeEntries();
    ready.forEach(Entry::release);
    ready.clear();
    recomputed.close();
  }
}
