package dev.penstock.engine.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy in nats, summed over the counted tokens: the reference's MaskedCrossEntropy with
 * reduction sum. Targets are already shifted: the target of a position is the token after it,
 * {@link #IGNORE} where none counts. Logits in a half precision are taken to float32.
 *
 * <p>Targets are [B, T] int64 ids, or [B, 2, T] float32: the ids, then the weight of each. The loss
 * is then the weighted sum.
 *
 * <p>Behind a {@link Head} it runs on slices of tokens, and on those that count alone; see {@link
 * SlicedCrossEntropy}.
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
    return torch.dot(perToken(logits_BTV, ids_BT), weights_BT.reshape(-1));
  }

  @Override
  public Tensor loss(
      Tensor hidden_BTD, Head head, Tensor targets, @Nullable WeightGradientStore weightGradients) {
    if (weightGradients != null && head.dropsInputs()) {
      return loss(head.forward(hidden_BTD, weightGradients), targets);
    }
    SlicedCrossEntropy slices = SlicedCrossEntropy.of(head);
    return weightGradients == null
        ? slices.evaluate(hidden_BTD, targets)
        : slices.train(hidden_BTD, targets, weightGradients.pass());
  }

  /**
   * The cross-entropy of each token, [B * T] float32 in the caller's PointerScope; 0 where none
   * counts. Call it under no-grad.
   *
   * @param ids_BT targets
   */
  public static Tensor ofTokens(Tensor hidden_BTD, Head head, Tensor ids_BT) {
    return SlicedCrossEntropy.of(head).ofTokens(hidden_BTD, ids_BT);
  }

  /** The cross-entropy of each token from its logits. */
  static Tensor perToken(Tensor logits, Tensor ids) {
    return crossEntropy(logits, ids, PER_TOKEN);
  }

  private static Tensor crossEntropy(Tensor logits, Tensor ids, long reduction) {
    Tensor logits_NV = logits.reshape(-1, logits.size(-1));
    return torch.cross_entropy_loss(
        isHalf(logits_NV) ? logits_NV.to(ScalarType.Float) : logits_NV,
        ids.reshape(-1),
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
