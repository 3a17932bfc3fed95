package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.QkNorm;
import dev.penstock.engine.model.rope.RopeSpec;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Gemma 3, text only (transformers {@code Gemma3ForCausalLM}): a sliding window in most layers,
 * with a rotary embedding of its own. Transformers reads {@code attn_logit_softcapping} but does
 * not apply it; so do we.
 */
final class Gemma3Family implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("gemma3_text");
  }

  @Override
  public String architecture() {
    return "Gemma3ForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config
        .assume("max_position_embeddings", 131072)
        .assume("sliding_window_pattern", 6)
        .knows("attn_logit_softcapping");
    DecoderDraft draft = Gemmas.sandwich(config);
    int pattern = config.positive("sliding_window_pattern");
    IntPredicate sliding = CommonKeys.slidingLayers(config, layer -> (layer + 1) % pattern != 0);
    ConfigReader parameters = config.section("rope_parameters");
    if (parameters.has("rope_theta") || parameters.has("rope_type")) {
      config.problem(
          "'rope_parameters' must be keyed by layer type ('full_attention', 'sliding_attention')");
    }
    RopeSpec local = localRope(config, draft.headDim());
    RopeSpec global = globalRope(config, draft.headDim());
    CommonKeys.refuseUnread(parameters);
    return draft
        .qkNorm(QkNorm.PER_HEAD)
        .slidingWindow(CommonKeys.slidingWindow(config), sliding)
        .ropes(layer -> sliding.test(layer) ? local : global)
        .softcaps(0, config.number("final_logit_softcapping", 0))
        .spec();
  }

  private static RopeSpec localRope(ConfigReader config, int headDim) {
    ConfigReader parameters = config.section("rope_parameters").section("sliding_attention");
    return rope(config, parameters, config.number("rope_local_base_freq", 1e4), headDim);
  }

  /**
   * Scaling in the style of transformers 4 is for the layers without a window. What it does not
   * say, {@code rope_parameters} may say beside it.
   */
  private static RopeSpec globalRope(ConfigReader config, int headDim) {
    ConfigReader parameters = config.section("rope_parameters").section("full_attention");
    if (!config.has("rope_parameters")) {
      // Transformers begins with the type by its new key, so that the old one does not count.
      parameters.assume("rope_type", "default");
    }
    return rope(
        config,
        parameters.overlaid(config.section("rope_scaling")),
        config.number("rope_theta", 1e6),
        headDim);
  }

  private static RopeSpec rope(
      ConfigReader config, ConfigReader parameters, double theta, int headDim) {
    RopeReader reader = RopeReader.ofLayerType(config, parameters);
    return reader.spec(theta, headDim, reader.type());
  }
}
