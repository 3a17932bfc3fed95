package dev.penstock.engine.plan;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LayerPart;
import dev.penstock.engine.model.LayerSpec;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.split.ModuleCost;
import java.util.List;

/**
 * What each module of a decoder costs for one microbatch, from shapes: two operations for each
 * weight and token that meet in the forward pass, twice that in the backward pass, the scores of
 * attention, and the passes over memory of norms, embedding and loss counted as operations of equal
 * time. The head's backward pass runs with the loss, in the forward pass.
 */
final class DecoderCosts {
  /**
   * Operations in the time of one element read and written: measured on CPUs, for order of size.
   */
  private static final double PER_ELEMENT = 16;

  /**
   * How half a layer is counted.
   *
   * @param passes over the hidden states in its norm and sum, and what is like them
   * @param perScore what an operation of attention counts
   * @param scoresAtOnce tokens that attention takes at once: half of them more than it sees
   */
  private record Count(double passes, double perScore, double scoresAtOnce) {}

  /** What there is to compute, which the rate of a device is said of. */
  private static final Count OPERATIONS = new Count(4, 1, 0);

  /** What takes the time of so many operations of a product: measured on CPUs. */
  private static final Count TIME = new Count(20, 2, 128);

  /** Passes over the logits in softmax and cross-entropy, and those over their gradients. */
  private static final double LOSS_PASSES = 12;

  /** Products of a head: logits, the gradient of its input and that of its weight. */
  private static final double HEAD_PRODUCTS = 3;

  private final DecoderSpec spec;
  private final DecoderTensors tensors;
  private final double rows;
  private final double length;

  DecoderCosts(DecoderSpec spec, BatchConfig batch) {
    this.spec = spec;
    tensors = new DecoderTensors(spec);
    rows = batch.microbatchSize();
    length = batch.seqLength();
  }

  /** Every part of the model in the order of the forward pass, layers as their halves. */
  List<ModuleCost> parts() {
    return tensors.parts().stream().map(part -> cost(part, TIME)).toList();
  }

  /** Operations of all of them together, forward and backward. */
  double operations() {
    return tensors.parts().stream().mapToDouble(part -> cost(part, OPERATIONS).flops()).sum();
  }

  private ModuleCost cost(String module, Count count) {
    long parameters = tensors.of(module).stream().mapToLong(TensorShape::numel).sum();
    double hidden = rows * length * spec.hiddenSize();
    if (module.equals(DecoderTensors.HEAD)) {
      double logits = rows * length * spec.vocabSize();
      double forward = HEAD_PRODUCTS * matrix(parameters) + LOSS_PASSES * PER_ELEMENT * logits;
      return new ModuleCost(module, forward, PER_ELEMENT * hidden, parameters);
    }
    double forward =
        switch (module) {
          case DecoderTensors.EMBEDDING, DecoderTensors.FINAL_NORM -> PER_ELEMENT * hidden;
          default -> {
            LayerPart part = requireNonNull(LayerPart.of(module), module);
            LayerSpec layer = spec.layers().get(part.layer());
            double own =
                part.attention()
                    ? attention(layer, count)
                    : -matrix(layer.feedForward().numIdleWeights(spec.hiddenSize()));
            yield matrix(parameters) + own + count.passes * PER_ELEMENT * hidden;
          }
        };
    return new ModuleCost(module, forward, 2 * forward, parameters);
  }

  private double matrix(long parameters) {
    return 2.0 * rows * length * parameters;
  }

  /** Scores and mixing: each position sees half of the sequence on average, or its window. */
  private double attention(LayerSpec layer, Count count) {
    double half = (length + Math.min(length, count.scoresAtOnce)) / 2;
    double seen = layer.slidingWindow() == 0 ? half : Math.min(half, layer.slidingWindow());
    double width = (double) spec.attention().numHeads() * spec.attention().headDim();
    return count.perScore * 4 * rows * length * seen * width;
  }
}
