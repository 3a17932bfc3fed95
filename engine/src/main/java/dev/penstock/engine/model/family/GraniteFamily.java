package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import java.util.Set;

/** Granite 3 (transformers {@code GraniteForCausalLM}): a Llama with multipliers. */
final class GraniteFamily implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("granite");
  }

  @Override
  public String architecture() {
    return "GraniteForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config.assume("max_position_embeddings", 2048);
    return new DecoderDraft(config)
        .attentionBias()
        .mlpBias()
        .attentionScale(config.number("attention_multiplier", 1))
        .embeddingScale(config.number("embedding_multiplier", 1))
        .residualScale(config.number("residual_multiplier", 1))
        .logitScale(1 / config.number("logits_scaling", 1))
        .spec();
  }
}
