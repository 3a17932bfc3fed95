package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.model.family.LoraTargets;
import dev.penstock.engine.model.family.ModelFamilies;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Numbers of a byte in a layer of hidden size 100, queries 80, keys and values 40 each,
 * feed-forward 300.
 */
class ActivationSizesTest {
  private static final String LAYER = "model.layers.0";
  private static final int LENGTH = 16;

  /** Sums, outputs and norms; projected, rotated and mixed; gate, up, silu and their product. */
  private static final long WHOLE = 6 * 100 + (160 + 120 + 80) + 4 * 300;

  private static final String MODEL =
      """
      {"model_type": "llama", "vocab_size": 1000, "hidden_size": 100, "num_hidden_layers": 1,
       "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 20,
       "intermediate_size": 300, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
       "tie_word_embeddings": false}
      """;

  private static ActivationSizes sizes(@Nullable LoraConfig lora) {
    DecoderSpec spec = ModelFamilies.parse(MODEL);
    return new ActivationSizes(
        spec, lora == null ? null : LoraTargets.resolve(spec, lora, 0), 1, 1, false);
  }

  @Test
  void trainedLayerKeepsWhatItsWeightsRead() {
    assertThat(sizes(null).kept(LAYER, LENGTH)).isEqualTo(WHOLE);
    assertThat(sizes(null).waiting(LAYER)).isEqualTo(100 + 80 + 100 + 300 + 160 + 100 + 700);
  }

  /**
   * Of the adapters of queries, keys, values, gate and up the outputs stand beside the sums; what
   * nothing with an adapter reads or adds to is not kept.
   */
  @ParameterizedTest
  @CsvSource({
    "all-linear, 760, 1540",
    "q_proj, -520, 180",
    "'q_proj,v_proj', -480, 220",
    "'gate_proj,up_proj', 0, 700",
    "'o_proj,down_proj', -200, 580"
  })
  void adaptersKeepTheirOutputsAndWhatTheyRead(String modules, long more, long waiting) {
    ActivationSizes sizes = sizes(LoraConfig.of(modules.split(",")));
    assertThat(sizes.kept(LAYER, LENGTH)).isEqualTo(WHOLE + more);
    assertThat(sizes.waiting(LAYER)).isEqualTo(waiting);
  }

  @Test
  void adaptersThatDropKeepInputsOfTheirOwn() {
    LoraConfig lora = LoraConfig.of("q_proj");
    assertThat(sizes(lora.withDropout(0.1)).kept(LAYER, LENGTH))
        .isEqualTo(sizes(lora).kept(LAYER, LENGTH) + 100);
  }
}
