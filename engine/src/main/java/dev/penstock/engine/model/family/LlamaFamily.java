package dev.penstock.engine.model.family;

import dev.penstock.engine.model.AttentionSpec;
import dev.penstock.engine.model.BlockNorms;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LayerSpec;
import dev.penstock.engine.model.MlpSpec;
import dev.penstock.engine.model.NormSpec;
import dev.penstock.engine.model.QkNorm;
import java.util.Collections;
import java.util.Set;

/** Llama 2 and 3 (transformers {@code LlamaForCausalLM}). */
final class LlamaFamily implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("llama");
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    int headDim = CommonKeys.headDim(config);
    boolean attentionBias = config.flag("attention_bias", false);
    LayerSpec layer = new LayerSpec(0, CommonKeys.rope(config, headDim));
    return new DecoderSpec(
        "llama",
        config.positive("vocab_size"),
        config.positive("hidden_size"),
        Collections.nCopies(config.positive("num_hidden_layers"), layer),
        new AttentionSpec(
            config.positive("num_attention_heads"),
            CommonKeys.numKvHeads(config),
            headDim,
            Math.pow(headDim, -0.5),
            0,
            attentionBias,
            attentionBias,
            QkNorm.NONE,
            false),
        new MlpSpec(
            config.positive("intermediate_size"),
            CommonKeys.activation(config, "hidden_act", "silu"),
            config.flag("mlp_bias", false),
            false),
        new NormSpec(config.number("rms_norm_eps", 1e-6), false),
        BlockNorms.PRE,
        1.0,
        1.0,
        1.0,
        0,
        config.flag("tie_word_embeddings", false),
        config.number("initializer_range", 0.02),
        config.positive("max_position_embeddings", 2048));
  }
}
