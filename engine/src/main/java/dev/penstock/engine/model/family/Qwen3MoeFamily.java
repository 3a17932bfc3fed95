package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.MoeSpec;
import dev.penstock.engine.model.MoeSpec.ExpertNames;
import dev.penstock.engine.model.QkNorm;
import java.util.List;
import java.util.Set;

/**
 * Qwen 3 with experts (transformers {@code Qwen3MoeForCausalLM}): those layers have them that the
 * config does not exclude.
 */
final class Qwen3MoeFamily implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("qwen3_moe");
  }

  @Override
  public String architecture() {
    return "Qwen3MoeForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config
        .assume("num_key_value_heads", 4)
        .assume("max_position_embeddings", 32768)
        .assume("num_experts_per_tok", 8)
        .assume("moe_intermediate_size", 768)
        .assume("decoder_sparse_step", 1)
        .knows("max_window_layers");
    int window = Qwen.window(config);
    MoeSpec experts =
        Experts.read(
            config,
            128,
            "moe_intermediate_size",
            config.flag("norm_topk_prob", false),
            new ExpertNames("mlp", "gate_proj", "up_proj", "down_proj"));
    int step = config.positive("decoder_sparse_step");
    List<Double> dense = config.numbers("mlp_only_layers");
    return new DecoderDraft(config)
        .attentionBias()
        .qkNorm(QkNorm.PER_HEAD)
        .slidingWindow(window, layer -> window > 0)
        .feedForwards(
            layer -> dense.contains((double) layer) || (layer + 1) % step != 0 ? null : experts)
        .spec();
  }
}
