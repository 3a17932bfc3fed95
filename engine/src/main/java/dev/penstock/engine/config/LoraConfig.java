package dev.penstock.engine.config;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.List;

/**
 * Low-rank adapters (Hu et al. 2021, arXiv:2106.09685): the model stays as it is, and {@code scale
 * * B A} is trained beside the weights of some of its modules.
 *
 * @param rank rows of A and columns of B (the reference's {@code dim}, peft's {@code r})
 * @param alpha the adapters' output is multiplied by {@code alpha / rank}
 * @param dropout share of the adapters' inputs that is set to zero in training
 * @param targetModules which modules get adapters, or {@value #ALL_LINEAR}
 * @param excludeModules which of them get none
 * @param merge whether the trained model is saved with the adapters added to its weights; else the
 *     adapters are saved alone, as a folder that peft opens
 * @param options what only files of peft say
 */
public record LoraConfig(
    int rank,
    double alpha,
    double dropout,
    ModuleSelection targetModules,
    ModuleSelection excludeModules,
    boolean merge,
    LoraOptions options)
    implements Serializable {
  /** Every linear module but the head. */
  public static final String ALL_LINEAR = "all-linear";

  public LoraConfig {
    ConfigException.check(rank >= 1, "The rank of LoRA must be at least 1, but is %d.", rank);
    checkAlpha(alpha);
    ConfigException.check(
        dropout >= 0 && dropout < 1, "The dropout of LoRA must be in [0, 1), but is %s.", dropout);
    ConfigException.check(
        !targetModules.isEmpty(),
        "LoRA needs targetModules: names such as q_proj, or %s.",
        ALL_LINEAR);
    requireNonNull(excludeModules, "excludeModules is null");
    requireNonNull(options, "options is null");
  }

  /**
   * Plain adapters of what a user types.
   *
   * @param targetModules names or ends of names ({@code q_proj}, {@code mlp.down_proj}), patterns,
   *     or {@value #ALL_LINEAR}
   * @param excludeModules given likewise
   */
  public LoraConfig(
      int rank,
      double alpha,
      double dropout,
      List<String> targetModules,
      List<String> excludeModules,
      boolean merge) {
    this(
        rank,
        alpha,
        dropout,
        ModuleSelection.ofPatterns(targetModules),
        ModuleSelection.ofPatterns(excludeModules),
        merge,
        LoraOptions.NONE);
  }

  static void checkAlpha(double alpha) {
    ConfigException.check(
        alpha > 0 && Double.isFinite(alpha),
        "The alpha of LoRA must be positive and finite, but is %s.",
        alpha);
  }

  /** The reference's defaults: rank 8, alpha 32, no dropout, saved as adapters. */
  public static LoraConfig of(String... targetModules) {
    return new LoraConfig(8, 32, 0, List.of(targetModules), List.of(), false);
  }

  /** The same with another dropout. */
  public LoraConfig withDropout(double newDropout) {
    return new LoraConfig(rank, alpha, newDropout, targetModules, excludeModules, merge, options);
  }
}
