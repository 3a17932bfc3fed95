package dev.penstock.engine.model.family;

/** What the dense Qwen families have in common. */
final class Qwen {
  private Qwen() {}

  /** Sizes, and a sliding window in the upper layers if it is switched on. */
  static DecoderDraft dense(ConfigReader config) {
    config
        .assume("num_key_value_heads", 32)
        .assume("max_position_embeddings", 32768)
        .assume("max_window_layers", 28)
        .knows("dual_chunk_attention_config"); // beyond the length of the pretraining
    int window = window(config);
    int full = config.whole("max_window_layers", 0);
    return new DecoderDraft(config)
        .slidingWindow(
            window, CommonKeys.slidingLayers(config, layer -> window > 0 && layer >= full));
  }

  /** The length of the sliding window; 0 if it is switched off. */
  static int window(ConfigReader config) {
    config.assume("sliding_window", 4096);
    return config.flag("use_sliding_window", false) ? CommonKeys.slidingWindow(config) : 0;
  }
}
