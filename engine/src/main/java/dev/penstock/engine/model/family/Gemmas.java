package dev.penstock.engine.model.family;

import dev.penstock.engine.model.BlockNorms;

/** What the Gemma families have in common. */
final class Gemmas {
  private Gemmas() {}

  /** Tied, scaled embeddings, heads of 256 unless the config says otherwise, 1 + w norms. */
  static DecoderDraft draft(ConfigReader config, BlockNorms norms) {
    config.assume("head_dim", 256).assume("tie_word_embeddings", true);
    CommonKeys.assumePadding(config, 0);
    return new DecoderDraft(config)
        .attentionBias()
        .norms(norms, true)
        .embeddingScale(Math.sqrt(config.positive("hidden_size")));
  }

  /** {@link #draft} with norms around each block, windows in some layers and the scale a key. */
  static DecoderDraft sandwich(ConfigReader config) {
    config
        .assume("num_key_value_heads", 4)
        .assume("query_pre_attn_scalar", 256)
        .assume("sliding_window", 4096)
        .knows("hidden_act");
    return draft(config, BlockNorms.SANDWICH)
        .activation(CommonKeys.activation(config, "hidden_activation", "gelu_pytorch_tanh"))
        .attentionScale(Math.pow(config.number("query_pre_attn_scalar"), -0.5));
  }
}
