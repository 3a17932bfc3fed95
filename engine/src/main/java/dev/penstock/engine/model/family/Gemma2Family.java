package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import java.util.Set;

/**
 * Gemma 2 (transformers {@code Gemma2ForCausalLM}): capped scores and logits, a sliding window in
 * every other layer.
 */
final class Gemma2Family implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("gemma2");
  }

  @Override
  public String architecture() {
    return "Gemma2ForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config
        .assume("max_position_embeddings", 8192)
        .assume("attn_logit_softcapping", 50.0)
        .assume("final_logit_softcapping", 30.0)
        .knows("sliding_window_size"); // the first releases say it twice
    return Gemmas.sandwich(config)
        .slidingWindow(
            CommonKeys.slidingWindow(config),
            CommonKeys.slidingLayers(config, layer -> layer % 2 == 0))
        .softcaps(
            config.number("attn_logit_softcapping", 0), config.number("final_logit_softcapping", 0))
        .spec();
  }
}
