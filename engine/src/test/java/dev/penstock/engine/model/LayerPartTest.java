package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.model.family.ModelFamilies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerPartTest {
  @ParameterizedTest
  @ValueSource(strings = {"model.layers.0", "model.layers.17.self_attn", "model.layers.3.mlp"})
  void namesAreReadAsTheyAreWritten(String name) {
    assertThat(LayerPart.of(name)).isNotNull().extracting(LayerPart::name).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.norm",
        "model.layers",
        "model.layers.x",
        "model.layers.1.mlp.down_proj",
        "model.layers.99999999999"
      })
  void othersAreNone(String name) {
    assertThat(LayerPart.of(name)).isNull();
  }

  @Test
  void halvesOfOneLayerAreJoined() {
    List<String> halves =
        List.of(
            "model.layers.0.mlp",
            "model.layers.1.mlp",
            "model.layers.1.self_attn",
            "model.layers.2.self_attn",
            "model.norm");
    List<String> joined =
        List.of("model.layers.0.mlp", "model.layers.1", "model.layers.2.self_attn", "model.norm");
    assertThat(LayerPart.joined(halves)).isEqualTo(joined);
    assertThat(LayerPart.halved(joined)).containsExactlyInAnyOrderElementsOf(halves);
  }

  /** What a whole layer has, in whatever order, the halves have between them. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "olmo2", "gemma2", "mixtral", "qwen3", "phi3"})
  void halvesShareOutTheWeightsAndActivations(String folder) throws Exception {
    DecoderSpec spec =
        ModelFamilies.parse(
            Files.readString(Path.of("src/test/resources/hf", folder, "config.json")));
    DecoderTensors tensors = new DecoderTensors(spec);
    List<TensorShape> halves = new ArrayList<>(tensors.of("model.layers.1.self_attn"));
    halves.addAll(tensors.of("model.layers.1.mlp"));
    assertThat(halves).containsExactlyInAnyOrderElementsOf(tensors.of("model.layers.1"));
    for (boolean byHand : new boolean[] {false, true}) {
      ActivationSizes sizes = new ActivationSizes(spec, null, 4, 4, byHand);
      assertThat(sizes.kept("model.layers.1.self_attn", 16) + sizes.kept("model.layers.1.mlp", 16))
          .isEqualTo(sizes.kept("model.layers.1", 16));
      assertThat(sizes.waiting("model.layers.1.self_attn") + sizes.waiting("model.layers.1.mlp"))
          .isEqualTo(sizes.waiting("model.layers.1"));
    }
  }
}
