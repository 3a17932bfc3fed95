package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;

/**
 * What one microbatch costs on one stage, in any one unit of time.
 *
 * @param forward F
 * @param input I, the backward pass for the stage's input
 * @param weight W, the backward pass for the stage's weights
 * @param full B, both at once
 * @param sendForward moving the stage's output to the next stage's rank
 * @param sendBackward moving the gradient of the stage's input to the previous stage's rank
 */
public record StageCost(
    double forward,
    double input,
    double weight,
    double full,
    double sendForward,
    double sendBackward) {
  /** The reference's unit costs: F = I = W = 1, B = 2, communication free. */
  public static final StageCost UNIT = new StageCost(1, 1, 1, 2, 0, 0);

  /** A stage that takes no time. */
  static final StageCost FREE = new StageCost(0, 0, 0, 0, 0, 0);

  public StageCost {
    for (double cost : new double[] {forward, input, weight, full, sendForward, sendBackward}) {
      if (!(cost >= 0) || Double.isInfinite(cost)) {
        throw new ConfigException("A cost must be a number of at least 0, but is " + cost + ".");
      }
    }
  }

  /** The time that an F, I, W or B keeps its rank busy; all else takes none. */
  double of(ActionType type) {
    return switch (type) {
      case F -> forward;
      case I -> input;
      case W -> weight;
      case B -> full;
      case UNSHARD, RESHARD, REDUCE_GRAD, SEND_F, RECV_F, SEND_B, RECV_B, OVERLAP_F_B -> 0;
    };
  }
}
