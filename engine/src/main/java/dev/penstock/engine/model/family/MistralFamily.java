package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import java.util.Set;

/**
 * Mistral (transformers {@code MistralForCausalLM}): a sliding window in every layer, or, as
 * Ministral is published, in those that {@code layer_types} says.
 */
final class MistralFamily implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("mistral");
  }

  @Override
  public String architecture() {
    return "MistralForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config
        .assume("num_key_value_heads", 8)
        .assume("max_position_embeddings", 131072)
        .assume("sliding_window", 4096);
    int window = CommonKeys.slidingWindow(config);
    return new DecoderDraft(config)
        .slidingWindow(window, CommonKeys.slidingLayers(config, layer -> window > 0))
        .spec();
  }
}
