package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import java.util.Set;

/** Qwen 2 and 2.5 (transformers {@code Qwen2ForCausalLM}). */
final class Qwen2Family implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("qwen2");
  }

  @Override
  public String architecture() {
    return "Qwen2ForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    return Qwen.dense(config).qkvBias().spec();
  }
}
