package dev.penstock.engine.schedule;

/** What a rank does in one {@link Action}; the names are those of torch.distributed.pipelining. */
public enum ActionType {
  /** Forward pass of one microbatch through one stage. */
  F,
  /** Backward pass with respect to the stage's input only. */
  I,
  /** Backward pass with respect to the stage's weights, after its {@link #I}. */
  W,
  /** Full backward pass: input and weights. */
  B,
  /** All-gather the stage's sharded parameters. */
  UNSHARD,
  /** Drop the gathered parameters of the stage. */
  RESHARD,
  /** Reduce the stage's gradients over its replicas. */
  REDUCE_GRAD,
  /** Send the stage's output activation to the next stage. */
  SEND_F,
  /** Receive the stage's input activation from the previous stage. */
  RECV_F,
  /** Send the stage's input gradient to the previous stage. */
  SEND_B,
  /** Receive the stage's output gradient from the next stage. */
  RECV_B,
  /** A forward and a backward action that may overlap; carries its two parts. */
  OVERLAP_F_B;

  /** Whether a stage computes in this action: F, I, W, B or OVERLAP_F_B. */
  public boolean isCompute() {
    return this == F || this == I || this == W || this == B || this == OVERLAP_F_B;
  }

  /** Whether the action is of one microbatch: F, I, W, B and the sends and receives. */
  public boolean isPerMicrobatch() {
    return switch (this) {
      case F, I, W, B, SEND_F, RECV_F, SEND_B, RECV_B -> true;
      case UNSHARD, RESHARD, REDUCE_GRAD, OVERLAP_F_B -> false;
    };
  }

  /** Whether the action yields the gradient of the stage's input: I or B. */
  public boolean isInputBackward() {
    return this == I || this == B;
  }
}
