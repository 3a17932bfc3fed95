package dev.penstock.engine.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Cross-entropy in nats, summed over the counted tokens: the reference's MaskedCrossEntropy with
 * reduction sum. Targets are already shifted: the target of a position is the token after it,
 * {@link #IGNORE} where none counts.
 */
public final class TokenCrossEntropy implements LossFunction {
  /** The target that counts for nothing. */
  public static final long IGNORE = -100;

  private static final long SUM = 2;

  @Override
  public Tensor loss(Tensor logits_BTV, Tensor targets_BT) {
    return torch.cross_entropy_loss(
        logits_BTV.reshape(-1, logits_BTV.size(-1)),
        targets_BT.reshape(-1),
        new TensorOptional(),
        SUM,
        IGNORE,
        0.0);
  }
}
