package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.MoeSpec;
import dev.penstock.engine.model.MoeSpec.ExpertNames;
import java.util.Set;

/** Mixtral (transformers {@code MixtralForCausalLM}): experts in every layer. */
final class MixtralFamily implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("mixtral");
  }

  @Override
  public String architecture() {
    return "MixtralForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config
        .assume("num_key_value_heads", 8)
        .assume("max_position_embeddings", 131072)
        .assume("rms_norm_eps", 1e-5)
        .assume("rope_theta", 1e6)
        .assume("num_experts_per_tok", 2);
    int window = CommonKeys.slidingWindow(config);
    MoeSpec experts =
        Experts.read(
            config,
            8,
            "intermediate_size",
            true,
            new ExpertNames("block_sparse_moe", "w1", "w3", "w2"));
    return new DecoderDraft(config)
        .slidingWindow(window, layer -> window > 0)
        .feedForwards(layer -> experts)
        .spec();
  }
}
