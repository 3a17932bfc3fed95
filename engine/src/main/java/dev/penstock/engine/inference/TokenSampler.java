package dev.penstock.engine.inference;

import dev.penstock.engine.inference.GenerationConfig.Sampling;
import dev.penstock.engine.torch.HostTensors;
import java.util.Arrays;
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
 * stays on the model's device; what comes to Java are the likeliest tokens, as many as matter.
 *
 * <p>Its methods work in the caller's PointerScope, without gradients.
 */
final class TokenSampler {
  /** So many likeliest tokens are looked at first where no top-k says how many there are. */
  private static final int FIRST_CANDIDATES = 256;

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
    double share = random.nextDouble();
    int vocabSize = (int) logits.numel();
    boolean limited = sampling.topK() > 0 && sampling.topK() < vocabSize;
    int count = limited ? sampling.topK() : Math.min(FIRST_CANDIDATES, vocabSize);
    double total = limited ? Double.NaN : weightOfAll(logits, largest, sampling);
    while (true) {
      Candidates candidates = Candidates.likeliest(logits, count);
      double[] weights = candidates.weights(sampling.temperature());
      double all = limited ? Arrays.stream(weights).sum() : total;
      int token = drawn(candidates, weights, all, share, limited || count == vocabSize);
      if (token >= 0) {
        return token;
      }
      count = vocabSize;
    }
  }

  private static double weightOfAll(Tensor logits, double largest, Sampling sampling) {
    return logits
        .to(ScalarType.Double)
        .sub(new Scalar(largest))
        .div(new Scalar(sampling.temperature()))
        .exp()
        .sum()
        .item_double();
  }

  /**
   * The token that a share of the weights falls on; -1: more candidates are needed to know.
   *
   * @param all weights of all tokens that may be drawn
   * @param complete whether the candidates are all that there are
   */
  private int drawn(
      Candidates candidates, double[] weights, double all, double share, boolean complete) {
    double topP = config.sampling().topP();
    double left = share * all;
    int kept = weights.length;
    if (topP < 1) {
      kept = nucleus(weights, topP * all);
      if (kept > weights.length) {
        if (!complete) {
          return -1;
        }
        kept = weights.length;
      }
      left = share * Arrays.stream(weights, 0, kept).sum();
    }
    for (int i = 0; i < kept; i++) {
      left -= weights[i];
      if (left < 0) {
        return candidates.ids()[i];
      }
    }
    return complete || topP < 1 ? candidates.ids()[0] : -1;
  }

  /** How many of the descending weights reach the wanted sum; more than there are: they do not. */
  private static int nucleus(double[] weights, double wanted) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      if (sum >= wanted) {
        return i + 1;
      }
    }
    return weights.length + 1;
  }
}
