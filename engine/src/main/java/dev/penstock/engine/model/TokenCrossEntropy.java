package dev.penstock.engine.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Cross-entropy in nats, summed over the counted tokens: the reference's MaskedCrossEntropy with
 * reduction sum. Targets are already shifted: the target of a position is the token after it,
 * {@link #IGNORE} where none counts. Logits in a half precision are taken to float32.
 *
 * <p>Targets are [B, T] int64 ids, or [B, 2, T] float32: the ids, then the weight of each. The loss
 * is then the weighted sum.
 */
public final class TokenCrossEntropy implements LossFunction {
  /** The target that counts for nothing. */
  public static final long IGNORE = -100;

  private static final long PER_TOKEN = 0;
  private static final long SUM = 2;

  @Override
  public Tensor loss(Tensor logits_BTV, Tensor targets) {
    if (targets.dim() == 2) {
      return crossEntropy(logits_BTV, targets, SUM);
    }
    Tensor ids_BT = targets.select(1, 0).to(ScalarType.Long);
    Tensor weights_BT = targets.select(1, 1);
    return torch.dot(crossEntropy(logits_BTV, ids_BT, PER_TOKEN), weights_BT.reshape(-1));
  }

  private static Tensor crossEntropy(Tensor logits_BTV, Tensor ids_BT, long reduction) {
    Tensor logits = logits_BTV.reshape(-1, logits_BTV.size(-1));
    return torch.cross_entropy_loss(
        isHalf(logits) ? logits.to(ScalarType.Float) : logits,
        ids_BT.reshape(-1),
        new TensorOptional(),
        reduction,
        IGNORE,
        0.0);
  }

  private static boolean isHalf(Tensor tensor) {
    ScalarType dtype = tensor.scalar_type().intern();
    return dtype == ScalarType.BFloat16 || dtype == ScalarType.Half;
  }
}
