package dev.penstock.engine.model.family;

import dev.penstock.engine.model.Activation;
import dev.penstock.engine.model.BlockNorms;
import dev.penstock.engine.model.DecoderSpec;
import java.util.Set;

/** Gemma (transformers {@code GemmaForCausalLM}). */
final class GemmaFamily implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("gemma");
  }

  @Override
  public String architecture() {
    return "GemmaForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config
        .assume("num_key_value_heads", 16)
        .assume("max_position_embeddings", 8192)
        .knows("hidden_activation");
    // The first releases say gelu but mean its approximation by tanh, which transformers takes.
    Activation named = CommonKeys.activation(config, "hidden_act", "gelu");
    return Gemmas.draft(config, BlockNorms.PRE)
        .activation(named == Activation.GELU ? Activation.GELU_TANH : named)
        .spec();
  }
}
