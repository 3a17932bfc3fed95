package dev.penstock.engine.config;

/** What weights and activations are computed in. */
public enum Precision {
  /** IEEE single precision. */
  FLOAT32("float32"),
  /**
   * Weights and activations in bfloat16; the values that the optimizer changes, its moments, the
   * sums of gradients, the inside of norms and the loss in float32, and on CPUs attention too.
   */
  BFLOAT16("bfloat16");

  private final String torchName;

  Precision(String torchName) {
    this.torchName = torchName;
  }

  /**
   * Reads torch's name, with or without {@code torch.}, or the short {@code fp32} or {@code bf16}.
   */
  public static Precision parse(String name) {
    return switch (name.startsWith("torch.") ? name.substring("torch.".length()) : name) {
      case "float32", "fp32" -> FLOAT32;
      case "bfloat16", "bf16" -> BFLOAT16;
      default ->
          throw new ConfigException(
              "Unknown precision '%s'. Use float32 or bfloat16.".formatted(name));
    };
  }

  /** Bytes of one weight or activation. */
  public int bytes() {
    return this == FLOAT32 ? Float.BYTES : Float.BYTES / 2;
  }

  @Override
  public String toString() {
    return torchName;
  }
}
