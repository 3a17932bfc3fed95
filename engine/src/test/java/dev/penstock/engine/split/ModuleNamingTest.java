package dev.penstock.engine.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ModuleNamingTest {
  @Test
  void causalLmKeepsDecoderInModelAndHeadOnTop() {
    ModuleTree llama =
        new ModuleTree(
            List.of(
                "model.embed_tokens.weight",
                "model.layers.0.mlp",
                "model.layers.1.mlp",
                "model.layers.10.mlp",
                "model.rotary_emb",
                "lm_head"));
    ModuleNaming naming = ModuleNaming.of(llama);

    assertThat(naming).isEqualTo(ModuleNaming.causalLm());
    assertThat(llama.numLayers(naming)).isEqualTo(2);
  }

  @Test
  void baseModelHasNoPrefixAndNoHead() {
    ModuleNaming naming = ModuleNaming.of(new ModuleTree(List.of("embed_tokens", "layers.0")));

    assertThat(naming.prefix()).isEmpty();
    assertThat(naming.includeLmHead()).isFalse();
    assertThat(naming.includeRotaryEmb()).isFalse();
  }

  @Test
  void nestedTextModuleLeavesEncodersAtTheBase() {
    ModuleNaming naming =
        ModuleNaming.of(
            new ModuleTree(
                List.of("model.language_model.layers.0", "model.visual.blocks", "lm_head")));

    assertThat(naming.prefix()).isEqualTo("model.language_model.");
    assertThat(naming.lmHeadName()).isEqualTo("lm_head");
    assertThat(naming.includeMultimodalEncoders()).isFalse();
    assertThat(PipelineSplit.generateModuleNamesPerStage(1, 1, naming))
        .containsExactly(
            Stream.of(
                    Stream.of("model.language_model.embed_tokens"),
                    ModuleNaming.MULTIMODAL_SUFFIXES.stream().map(suffix -> "model." + suffix),
                    Stream.of(
                        "model.language_model.layers.0", "model.language_model.norm", "lm_head"))
                .flatMap(names -> names)
                .toList());
  }

  @Test
  void textModuleMayHoldAWholeCausalLm() {
    ModuleNaming naming =
        ModuleNaming.of(
            new ModuleTree(
                List.of(
                    "language_model.model.layers.0",
                    "language_model.model.rotary_emb",
                    "language_model.lm_head")));

    assertThat(naming.prefix()).isEqualTo("language_model.model.");
    assertThat(naming.lmHeadName()).isEqualTo("language_model.lm_head");
    assertThat(naming.includeRotaryEmb()).isTrue();
    assertThat(naming.extraModuleNames()).contains("vision_tower").doesNotContain("model.visual");
  }
}
