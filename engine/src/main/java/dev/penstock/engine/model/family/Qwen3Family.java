package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.QkNorm;
import java.util.Set;

/** Qwen 3 (transformers {@code Qwen3ForCausalLM}): norms of each query and key head. */
final class Qwen3Family implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("qwen3");
  }

  @Override
  public String architecture() {
    return "Qwen3ForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config.assume("head_dim", 128);
    return Qwen.dense(config).attentionBias().qkNorm(QkNorm.PER_HEAD).spec();
  }
}
