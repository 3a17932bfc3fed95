package dev.penstock.engine.model;

import java.util.Collection;
import java.util.Set;

/**
 * The linear modules of a decoder layer that have low-rank adapters, as the features of their
 * outputs together; 0: none of the group has one.
 *
 * @param attention queries, keys and values
 * @param output the projection behind attention
 * @param feedForward gate and up
 * @param down the projection behind them
 */
record AdaptedLinears(long attention, long output, long feedForward, long down) {
  /**
   * Finds them.
   *
   * @param weights of the layer
   * @param adapted names of the modules with adapters
   */
  static AdaptedLinears of(Collection<TensorShape> weights, Set<String> adapted) {
    long[] features = new long[4];
    for (TensorShape weight : weights) {
      String module = weight.name().replaceFirst("\\.weight$", "");
      if (adapted.contains(module)) {
        int group =
            switch (module.substring(module.lastIndexOf('.') + 1)) {
              case "o_proj" -> 1;
              case "gate_proj", "up_proj", "gate_up_proj" -> 2;
              case "down_proj" -> 3;
              default -> 0;
            };
        features[group] += weight.shape().get(0);
      }
    }
    return new AdaptedLinears(features[0], features[1], features[2], features[3]);
  }

  /** What all of them put out. */
  long features() {
    return attention + output + feedForward + down;
  }
}
