package dev.penstock.engine.model.family;

import dev.penstock.engine.model.Activation;
import dev.penstock.engine.model.RopeScaling;
import dev.penstock.engine.model.RopeSpec;
import java.util.Map;
import java.util.TreeSet;

/** The keys that most families spell alike. */
final class CommonKeys {
  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "silu", Activation.SILU,
          "swish", Activation.SILU,
          "gelu", Activation.GELU,
          "gelu_pytorch_tanh", Activation.GELU_TANH,
          "gelu_new", Activation.GELU_TANH);

  private CommonKeys() {}

  /** Size of a head: {@code head_dim}, else hidden size over heads. */
  static int headDim(ConfigReader config) {
    int hidden = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    if (config.has("head_dim")) {
      return config.positive("head_dim");
    }
    if (hidden % heads != 0) {
      config.problem(
          "'hidden_size' (%d) must be divisible by 'num_attention_heads' (%d)"
              .formatted(hidden, heads));
    }
    return Math.max(1, hidden / heads);
  }

  /** Key and value heads: {@code num_key_value_heads}, else as many as query heads. */
  static int numKvHeads(ConfigReader config) {
    int heads = config.positive("num_attention_heads");
    int kvHeads = config.positive("num_key_value_heads", heads);
    if (heads % kvHeads != 0) {
      config.problem(
          "'num_attention_heads' (%d) must be divisible by 'num_key_value_heads' (%d)"
              .formatted(heads, kvHeads));
    }
    return kvHeads;
  }

  static Activation activation(ConfigReader config, String key, String fallback) {
    String name = config.text(key, fallback);
    Activation activation = ACTIVATIONS.get(name);
    if (activation == null) {
      config.unsupportedUnless(key, false, new TreeSet<>(ACTIVATIONS.keySet()));
      return Activation.SILU;
    }
    return activation;
  }

  /** The one rotary embedding of families whose layers all share it. */
  static RopeSpec rope(ConfigReader config, int headDim) {
    return new RopeSpec(
        config
            .node("rope_parameters")
            .path("rope_theta")
            .asDouble(config.number("rope_theta", 10000)),
        headDim,
        RopeScaling.NONE);
  }
}
