package dev.penstock.engine.model.family;

import dev.penstock.engine.model.BlockNorms;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.QkNorm;
import java.util.Set;

/**
 * OLMo 2 (transformers {@code Olmo2ForCausalLM}): norms after the blocks and of whole queries and
 * keys.
 */
final class Olmo2Family implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("olmo2");
  }

  @Override
  public String architecture() {
    return "Olmo2ForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config.assume("max_position_embeddings", 2048).assume("rms_norm_eps", 1e-5);
    CommonKeys.assumePadding(config, 1);
    return new DecoderDraft(config)
        .attentionBias()
        .qkNorm(QkNorm.PER_PROJECTION)
        .norms(BlockNorms.POST, false)
        .spec();
  }
}
