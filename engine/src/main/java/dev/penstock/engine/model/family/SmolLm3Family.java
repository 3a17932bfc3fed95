package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.rope.RopeSpec;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;

/** SmolLM3 (transformers {@code SmolLM3ForCausalLM}): no rotary embedding in some layers. */
final class SmolLm3Family implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("smollm3");
  }

  @Override
  public String architecture() {
    return "SmolLM3ForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config
        .assume("num_key_value_heads", 4)
        .assume("max_position_embeddings", 32768)
        .assume("rope_theta", 2e6)
        .assume("no_rope_layer_interval", 4)
        .assume("tie_word_embeddings", true)
        .knows("max_window_layers");
    CommonKeys.assumePadding(config, 128004);
    DecoderDraft draft = new DecoderDraft(config);
    RopeSpec rope = RopeReader.shared(config, draft.headDim());
    IntPredicate rotates = rotatingLayers(config);
    int window = CommonKeys.slidingWindow(config);
    boolean slides = window > 0 && config.flag("use_sliding_window", false);
    return draft
        .attentionBias()
        .mlpBias()
        .slidingWindow(
            window, CommonKeys.slidingLayers(config, layer -> slides && !rotates.test(layer)))
        .ropes(layer -> rotates.test(layer) ? rope : null)
        .spec();
  }

  /** Despite its name, {@code no_rope_layers} has 1 for a layer with the rotary embedding. */
  private static IntPredicate rotatingLayers(ConfigReader config) {
    int interval = config.positive("no_rope_layer_interval");
    if (!config.has("no_rope_layers")) {
      return layer -> (layer + 1) % interval != 0;
    }
    int layers = config.positive("num_hidden_layers");
    List<Double> flags = config.numbers("no_rope_layers");
    if (flags.size() < layers) {
      config.problem(
          String.format(
              Locale.ROOT,
              "'no_rope_layers' must have one entry for each of the %d layers, but has %d",
              layers,
              flags.size()));
      return layer -> true;
    }
    return layer -> flags.get(layer) != 0;
  }
}
