package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import java.util.Set;

/** Llama 2 and 3 (transformers {@code LlamaForCausalLM}). */
final class LlamaFamily implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("llama");
  }

  @Override
  public String architecture() {
    return "LlamaForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config.assume("max_position_embeddings", 2048);
    return new DecoderDraft(config).attentionBias().mlpBias().spec();
  }
}
