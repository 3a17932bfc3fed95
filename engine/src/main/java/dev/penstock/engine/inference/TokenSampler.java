package dev.penstock.engine.inference;

import dev.penstock.engine.inference.GenerationConfig.Sampling;
import dev.penstock.engine.torch.HostTensors;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the next token from logits as transformers does: penalty of repetitions, temperature,
 * then top-k, then top-p (nucleus sampling, Holtzman et al. 2020, arXiv:1904.09751). The vocabulary
 * is never sorted.
 *
 * <p>Its methods work in the caller's PointerScope, without gradients.
 */
final class TokenSampler {
  private final GenerationConfig config;
  private final String device;
  private final @Nullable Random random;

  TokenSampler(GenerationConfig config, String device) {
    this.config = config;
    this.device = device;
    random = config.sampling() == null ? null : new Random(config.sampling().seed());
  }

  /**
   * The next token.
   *
   * @param logits_V of all tokens
   * @param text the tokens before it
   */
  int choose(Tensor logits_V, IntStream text) {
    Tensor logits =
        config.repetitionPenalty() == GenerationConfig.NO_PENALTY
            ? logits_V
            : penalized(logits_V, text);
    double largest = logits.max().item_double();
    if (!Double.isFinite(largest)) {
      throw new IllegalStateException(
          ("The model does not say which token comes next: its largest logit is %s. Its weights, or"
                  + " what it computes of them, overflow.")
              .formatted(largest));
    }
    Sampling sampling = config.sampling();
    return sampling == null ? (int) logits.argmax().item_long() : draw(logits, largest, sampling);
  }

  private Tensor penalized(Tensor logits, IntStream text) {
    int[] distinct = text.distinct().toArray();
    Tensor ids = HostTensors.attach(HostTensors.ofTokens(distinct, device, distinct.length));
    Scalar penalty = new Scalar(config.repetitionPenalty());
    Tensor found = logits.index_select(0, ids);
    Tensor lessLikely =
        torch.where(found.lt(new Scalar(0)), found.mul(penalty), found.div(penalty));
    return logits.index_copy(0, ids, lessLikely);
  }

  private int draw(Tensor logits, double largest, Sampling sampling) {
    boolean limited = sampling.topK() > 0 && sampling.topK() < logits.numel();
    WeightedTokens tokens =
        limited
            ? Candidates.likeliest(logits, sampling.topK()).weighted(sampling.temperature())
            : all(logits, largest, sampling.temperature());
    double width = tokens.width();
    double kept = sampling.topP() < 1 ? tokens.widthOfLikeliest(sampling.topP() * width) : width;
    return tokens.at(random.nextDouble() * kept);
  }

  private static WeightedTokens all(Tensor logits, double largest, double temperature) {
    Tensor weights =
        logits.to(ScalarType.Double).sub_(new Scalar(largest)).div_(new Scalar(temperature)).exp_();
    int[] ids = IntStream.range(0, (int) logits.numel()).toArray();
    return new WeightedTokens(ids, HostTensors.toFloats(logits), HostTensors.toDoubles(weights));
  }
}
