package dev.penstock.engine.plan;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
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

  /** Every module in the order of the forward pass. */
  List<ModuleCost> modules() {
    return tensors.modules().stream().map(this::cost).toList();
  }

  private ModuleCost cost(String module) {
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
            LayerSpec layer = spec.layers().get(DecoderTensors.layerNumber(module));
            long idle = layer.feedForward().numIdleWeights(spec.hiddenSize());
            yield matrix(parameters - idle) + attention(layer) + 8 * PER_ELEMENT * hidden;
          }
        };
    return new ModuleCost(module, forward, 2 * forward, parameters);
  }

  private double matrix(long parameters) {
    return 2.0 * rows * length * parameters;
  }

  /** Scores and mixing: each position sees half of the sequence on average, or its window. */
  private double attention(LayerSpec layer) {
    double seen =
        layer.slidingWindow() == 0 ? length / 2 : Math.min(length / 2, layer.slidingWindow());
    return 4.0 * rows * length * seen * spec.attention().numHeads() * spec.attention().headDim();
  }
}
