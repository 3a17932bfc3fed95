package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DropoutSpec;
import dev.penstock.engine.model.rope.RopeSpec;
import java.util.List;
import java.util.Set;

/**
 * Phi-3, Phi-3.5 and Phi-4 mini (transformers {@code Phi3ForCausalLM}): fused projections, a part
 * of each head rotated.
 */
final class Phi3Family implements ModelFamily {
  @Override
  public Set<String> modelTypes() {
    return Set.of("phi3");
  }

  @Override
  public String architecture() {
    return "Phi3ForCausalLM";
  }

  @Override
  public DecoderSpec read(ConfigReader config) {
    config
        .assume("max_position_embeddings", 4096)
        .assume("original_max_position_embeddings", 4096)
        .assume("rms_norm_eps", 1e-5);
    CommonKeys.assumePadding(config, 32000);
    if (config.whole("full_attn_mod", 1) != 1) {
      config.unsupported("full_attn_mod", List.of("1"));
    }
    int window = CommonKeys.slidingWindow(config);
    DecoderDraft draft = new DecoderDraft(config);
    RopeSpec rope = rope(config, draft.headDim());
    return draft
        .fusedProjections()
        .dropout(DropoutSpec.Place.RESIDUAL, "resid_pdrop")
        .dropout(DropoutSpec.Place.EMBEDDING, "embd_pdrop")
        .slidingWindow(window, layer -> window > 0)
        .ropes(layer -> rope)
        .spec();
  }

  private static RopeSpec rope(ConfigReader config, int headDim) {
    RopeReader reader = RopeReader.flat(config);
    double fraction =
        reader
            .parameters()
            .number("partial_rotary_factor", config.number("partial_rotary_factor", 1));
    // Early releases call it su or yarn; there has only ever been one.
    String type =
        switch (reader.type()) {
          case "su", "yarn" -> "longrope";
          default -> reader.type();
        };
    return reader.spec(config.number("rope_theta", 10000), (int) (headDim * fraction), type);
  }
}
