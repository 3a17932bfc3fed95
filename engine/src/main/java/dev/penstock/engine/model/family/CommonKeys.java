package dev.penstock.engine.model.family;

import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.Activation;
import dev.penstock.engine.model.DecoderSpec;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** The keys that most families spell alike. */
final class CommonKeys {
  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "silu", Activation.SILU,
          "swish", Activation.SILU,
          "gelu", Activation.GELU,
          "gelu_pytorch_tanh", Activation.GELU_TANH,
          "gelu_new", Activation.GELU_TANH,
          "gelu_fast", Activation.GELU_TANH,
          "relu", Activation.RELU);

  /** Randomness in the forward pass, of which each family knows some. */
  private static final List<String> NOISE =
      List.of(
          "attention_dropout",
          "hidden_dropout",
          "hidden_dropout_prob",
          "resid_pdrop",
          "embd_pdrop",
          "router_jitter_noise");

  private static final List<String> QUANTIZATION =
      List.of("quantization_config", "quantization", "compression_config");

  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  private CommonKeys() {}

  /** Size of a head: {@code head_dim}, else hidden size over heads. */
  static int headDim(ConfigReader config) {
    if (config.has("head_dim")) {
      return config.positive("head_dim");
    }
    int hidden = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    if (hidden % heads != 0) {
      config.problem(
          String.format(
              Locale.ROOT,
              "'hidden_size' (%d) must be divisible by 'num_attention_heads' (%d)",
              hidden,
              heads));
    }
    return Math.max(1, hidden / heads);
  }

  /** Key and value heads: {@code num_key_value_heads}, else as many as query heads. */
  static int numKvHeads(ConfigReader config) {
    int heads = config.positive("num_attention_heads");
    int kvHeads = config.positive("num_key_value_heads", heads);
    if (heads % kvHeads != 0) {
      config.problem(
          String.format(
              Locale.ROOT,
              "'num_attention_heads' (%d) must be divisible by 'num_key_value_heads' (%d)",
              heads,
              kvHeads));
    }
    return kvHeads;
  }

  static Activation activation(ConfigReader config, String key, String fallback) {
    Activation activation = ACTIVATIONS.get(config.text(key, fallback));
    if (activation == null) {
      config.unsupported(key, new TreeSet<>(ACTIVATIONS.keySet()));
      return Activation.SILU;
    }
    return activation;
  }

  /** The row of the embedding that padding uses, counted from the end if negative; -1: none. */
  static int paddingIndex(ConfigReader config) {
    int vocabSize = config.positive("vocab_size");
    if (!config.has("pad_token_id")) {
      return -1;
    }
    int id = config.whole("pad_token_id", 0);
    if (id >= vocabSize || id < -vocabSize) {
      config.problem(
          String.format(
              Locale.ROOT, "'pad_token_id' (%d) must be within 'vocab_size' (%d)", id, vocabSize));
    }
    return id < 0 ? vocabSize + id : id;
  }

  /** Sets the padding row that the family takes if the config names none and it exists. */
  static void assumePadding(ConfigReader config, int id) {
    if (id < config.positive("vocab_size")) {
      config.assume("pad_token_id", id);
    }
  }

  /** The length of the sliding window; 0 if there is none. */
  static int slidingWindow(ConfigReader config) {
    return config.has("sliding_window") ? config.positive("sliding_window") : 0;
  }

  /**
   * Which layers have the sliding window: those that {@code layer_types} says.
   *
   * @param fallback those of a config without {@code layer_types}
   */
  static IntPredicate slidingLayers(ConfigReader config, IntPredicate fallback) {
    if (!config.has("layer_types")) {
      return fallback;
    }
    int layers = config.positive("num_hidden_layers");
    List<String> types = config.texts("layer_types");
    if (types.size() != layers) {
      config.problem(
          String.format(
              Locale.ROOT,
              "'layer_types' must have one entry for each of the %d layers, but has %d",
              layers,
              types.size()));
      return fallback;
    }
    if (!List.of(FULL, SLIDING).containsAll(types)) {
      config.unsupported("layer_types", List.of(FULL, SLIDING));
    }
    return layer -> types.get(layer).equals(SLIDING);
  }

  /**
   * Reports keys that nobody has read: new mathematics, of which nothing is known here. Every
   * family has read its own by then.
   */
  static void refuseUnread(ConfigReader config) {
    if (config.isOff("sliding_window") || !config.flag("use_sliding_window", true)) {
      config.knows("sliding_window", "max_window_layers");
    }
    List<String> unread =
        config.unread().stream().filter(key -> !KnownKeys.changesNothing(key)).toList();
    if (!unread.isEmpty()) {
      config.problem(
          "unknown keys, which may change what the model computes: %s. Remove them if the weights were made without"
              .formatted(Quoted.list(unread.stream().map(config::described).toList())));
    }
  }

  /** Reports {@code layer_types} that are not what the layers of the family are. */
  static void checkLayerTypes(ConfigReader config, DecoderSpec spec) {
    List<String> types = config.texts("layer_types");
    List<String> actual =
        spec.layers().stream().map(layer -> layer.slidingWindow() > 0 ? SLIDING : FULL).toList();
    if (config.has("layer_types") && !types.equals(actual)) {
      config.problem(
          "'layer_types' = %s is not supported for this model_type, whose layers are %s"
              .formatted(config.quoted("layer_types"), Quoted.list(actual)));
    }
  }

  /** Reports what no family supports. */
  static void refuse(ConfigReader config) {
    if (config.flag("is_encoder_decoder", false)) {
      config.problem(
          "it is an encoder-decoder ('is_encoder_decoder' is true); only decoder-only models can be"
              + " trained");
    }
    for (String key : QUANTIZATION) {
      if (config.has(key)) {
        config.problem(
            "the weights are quantized ('%s'); save the model dequantized first".formatted(key));
      }
    }
    if (config.flag("add_cross_attention", false)) {
      config.problem("'add_cross_attention' = true is not supported");
    }
    if (config.flag("use_bidirectional_attention", false)) {
      config.problem("'use_bidirectional_attention' = true is not supported: attention is causal");
    }
  }

  /** Reports randomness that the family does not know. */
  static void refuseNoise(ConfigReader config, Set<String> known) {
    for (String key : NOISE) {
      if (!known.contains(key) && config.number(key, 0) != 0) {
        config.problem(
            "'%s' = %s is not supported for this model_type; set it to 0"
                .formatted(key, config.number(key, 0)));
      }
    }
  }
}
