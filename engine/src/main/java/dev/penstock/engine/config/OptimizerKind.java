package dev.penstock.engine.config;

import java.util.Arrays;
import java.util.Locale;

/** How gradients become updates. */
public enum OptimizerKind {
  /** Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101). */
  ADAMW("AdamW"),
  /** Adam (Kingma and Ba 2015, arXiv:1412.6980); the decay is added to the gradient. */
  ADAM("Adam"),
  /** Gradient descent with momentum; the decay is added to the gradient. */
  SGD("SGD");

  private final String torchName;

  OptimizerKind(String torchName) {
    this.torchName = torchName;
  }

  /**
   * Reads a name as torch spells it, in any case, with or without the package: {@code
   * torch.optim.AdamW} is {@code adamw}.
   */
  public static OptimizerKind parse(String name) {
    String plain = name.substring(name.lastIndexOf('.') + 1).toUpperCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(kind -> kind.name().equals(plain))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "Unknown optimizer '%s'. Use one of %s."
                        .formatted(
                            name, Arrays.stream(values()).map(kind -> kind.torchName).toList())));
  }
}
