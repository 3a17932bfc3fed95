package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LayerSpec;
import dev.penstock.engine.model.rope.DynamicScaling;
import dev.penstock.engine.model.rope.LinearScaling;
import dev.penstock.engine.model.rope.Llama3Scaling;
import dev.penstock.engine.model.rope.RopeScaling;
import dev.penstock.engine.model.rope.RopeSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFamiliesTest {
  private static final String SIZES =
      "'vocab_size': 99, 'hidden_size': 64, 'intermediate_size': 80, 'num_hidden_layers': 4,"
          + " 'num_attention_heads': 16, ";

  private static DecoderSpec parse(String type, String keys) {
    String json = "{'model_type': '%s', %s %s 'transformers_version': '5.0'}";
    return ModelFamilies.parse(json.formatted(type, SIZES, keys).replace('\'', '"'));
  }

  private static List<Integer> windows(DecoderSpec spec) {
    return spec.layers().stream().map(LayerSpec::slidingWindow).toList();
  }

  private static RopeSpec rope(DecoderSpec spec, int layer) {
    return spec.layers().get(layer).rope();
  }

  @ParameterizedTest
  @CsvSource({
    "llama, false, 4, 16, -1, 10000",
    "mistral, false, 4, 8, -1, 10000",
    "qwen2, false, 4, 32, -1, 10000",
    "qwen3, false, 128, 32, -1, 10000",
    "gemma, true, 256, 16, 0, 10000",
    "gemma2, true, 256, 4, 0, 10000",
    "gemma3_text, true, 256, 4, 0, 10000",
    "phi3, false, 4, 16, -1, 10000",
    "olmo2, false, 4, 16, 1, 10000",
    "smollm3, true, 4, 4, -1, 2000000",
    "granite, false, 4, 16, -1, 10000",
    "mixtral, false, 4, 8, -1, 1000000",
    "qwen3_moe, false, 4, 4, -1, 10000"
  })
  void absentKeysMeanWhatTheyMeanInTransformers(
      String type, boolean tied, int headDim, int kvHeads, int paddingIndex, double theta) {
    DecoderSpec spec = parse(type, kvHeads == 32 ? "'num_attention_heads': 32," : "");
    assertThat(spec.tiedEmbeddings()).isEqualTo(tied);
    assertThat(spec.attention().headDim()).isEqualTo(kvHeads == 32 && headDim == 4 ? 2 : headDim);
    assertThat(spec.attention().numKvHeads()).isEqualTo(kvHeads);
    assertThat(spec.paddingIndex()).isEqualTo(paddingIndex);
    assertThat(rope(spec, 0).theta()).isEqualTo(theta);
  }

  /** Those of the configs that transformers wrote. */
  @ParameterizedTest
  @CsvSource({
    "llama, LlamaForCausalLM",
    "gemma3_text, Gemma3ForCausalLM",
    "smollm3, SmolLM3ForCausalLM",
    "qwen3_moe, Qwen3MoeForCausalLM",
    "t5,"
  })
  void architectureIsTheClassOfTransformers(String type, String architecture) {
    assertThat(ModelFamilies.architecture(type)).isEqualTo(Optional.ofNullable(architecture));
  }

  @Test
  void nullSaysThatThereIsNoSuchThing() {
    assertThat(windows(parse("mistral", ""))).containsOnly(4096);
    assertThat(windows(parse("mistral", "'sliding_window': null,"))).containsOnly(0);
    assertThat(parse("gemma2", "").attention().softcap()).isEqualTo(50);
    assertThat(parse("gemma2", "'attn_logit_softcapping': null,").attention().softcap()).isZero();
    assertThat(parse("gemma", "'pad_token_id': null,").paddingIndex()).isEqualTo(-1);
    assertThat(parse("mistral", "'num_key_value_heads': null,").attention().numKvHeads())
        .isEqualTo(16);
  }

  @Test
  void bothStylesOfRotaryParametersReadAlike() {
    String scaling =
        "'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,"
            + " 'original_max_position_embeddings': 32";
    DecoderSpec old =
        parse(
            "llama",
            "'rope_theta': 5e5, 'rope_scaling': {'rope_type': 'llama3', " + scaling + "},");
    DecoderSpec current =
        parse(
            "llama",
            "'rope_parameters': {'rope_type': 'llama3', 'rope_theta': 5e5, " + scaling + "},");
    assertThat(old).isEqualTo(current);
    assertThat(rope(old, 0)).isEqualTo(new RopeSpec(5e5, 4, new Llama3Scaling(8, 1, 4, 32)));
  }

  @Test
  void scalingDecidesHowLongSequencesMayBe() {
    String keys = "'max_position_embeddings': 100, 'rope_scaling': {'type': '%s', 'factor': 2.0},";
    DecoderSpec linear = parse("llama", keys.formatted("linear"));
    DecoderSpec dynamic = parse("llama", keys.formatted("dynamic"));
    assertThat(rope(linear, 0).scaling()).isEqualTo(new LinearScaling(2));
    assertThat(linear.maxPositions()).isEqualTo(200);
    assertThat(rope(dynamic, 0).scaling()).isEqualTo(new DynamicScaling(2, 100));
    assertThat(dynamic.maxPositions()).isEqualTo(Integer.MAX_VALUE);
  }

  /**
   * Transformers 5 puts rope_scaling upon a type by the new key, which the old one does not reach.
   */
  @Test
  void gemma3ReadsTheTypeOfItsScalingByTheNewKeyAlone() {
    String keys = "'sliding_window_pattern': 2, 'rope_scaling': {'%s': 'linear', 'factor': 8.0},";
    assertThat(rope(parse("gemma3_text", keys.formatted("type")), 1).scaling())
        .isEqualTo(RopeScaling.NONE);
    assertThat(rope(parse("gemma3_text", keys.formatted("rope_type")), 1).scaling())
        .isEqualTo(new LinearScaling(8));
    String beside = "'rope_parameters': {'full_attention': {'rope_theta': 1e6}}," + keys;
    assertThat(rope(parse("gemma3_text", beside.formatted("type")), 1).scaling())
        .isEqualTo(new LinearScaling(8));
  }

  @Test
  void layerTypesDecideWhichLayersHaveTheWindow() {
    String types =
        "'layer_types': ['full_attention', 'sliding_attention', 'full_attention',"
            + " 'sliding_attention'], ";
    String qwen = "'num_key_value_heads': 16, 'use_sliding_window': true, 'sliding_window': 7, ";
    assertThat(windows(parse("qwen2", qwen + types))).containsExactly(0, 7, 0, 7);
    assertThat(windows(parse("qwen2", qwen + "'max_window_layers': 3,")))
        .containsExactly(0, 0, 0, 7);
    assertThat(windows(parse("gemma2", "'sliding_window': 7,"))).containsExactly(7, 0, 7, 0);
  }

  @Test
  void smolLmLayersWithoutRotaryEmbeddingAreThoseWithZero() {
    DecoderSpec byInterval = parse("smollm3", "");
    DecoderSpec byList = parse("smollm3", "'no_rope_layers': [0, 1, 1, 0],");
    assertThat(rope(byInterval, 2)).isNotNull();
    assertThat(rope(byInterval, 3)).isNull();
    assertThat(rope(byList, 0)).isNull();
    assertThat(rope(byList, 1)).isNotNull();
  }

  @Test
  void everyProblemIsListedAtOnce() {
    assertThatThrownBy(
            () ->
                ModelFamilies.parse(
                    """
                    {"model_type": "llama", "hidden_size": "big", "vocab_size": 9,
                     "num_attention_heads": 4, "num_key_value_heads": 3, "head_dim": 2,
                     "num_hidden_layers": 2, "hidden_act": "snake", "attention_dropout": 1, "resid_pdrop": 0.1,
                     "pad_token_id": 9, "rope_scaling": {"rope_type": "spiral", "factor": 2},
                     "quantization_config": {"bits": 4}, "tie_word_embeddings": "yes"}
                    """))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("model_type 'llama'")
        .hasMessageContaining(
            "'hidden_size' must be a whole number from 1 to 1048576, but is \"big\"")
        .hasMessageContaining("'intermediate_size' is missing")
        .hasMessageContaining("divisible by 'num_key_value_heads' (3)")
        .hasMessageContaining("'hidden_act' = \"snake\" is not supported; supported: gelu, ")
        .hasMessageContaining("'attention_dropout' must be a number from 0 to below 1, but is 1")
        .hasMessageContaining("'resid_pdrop' = 0.1 is not supported for this model_type")
        .hasMessageContaining("'pad_token_id' (9) must be within 'vocab_size' (9)")
        .hasMessageContaining("'rope_scaling.rope_type' = \"spiral\" is not supported; supported: ")
        .hasMessageContaining("llama3, longrope, yarn")
        .hasMessageContaining("'quantization_config'")
        .hasMessageContaining("'tie_word_embeddings' must be true or false, but is \"yes\"");
  }

  @Test
  void unknownTypeIsToldWhatIsSupported() {
    assertThatThrownBy(
            () -> ModelFamilies.parse("{\"model_type\": \"t5\", \"is_encoder_decoder\": true}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("it is an encoder-decoder")
        .hasMessageContaining("'model_type' = \"t5\" is not supported; supported: gemma, gemma2, ");
    assertThatThrownBy(() -> ModelFamilies.parse("{\"vocab_size\": 9}"))
        .hasMessageContaining("'model_type' is missing; supported: gemma, gemma2, ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama | 'rope_parameters': {'full_attention': {'rope_theta': 1.0}}, | differ by layer type",
        "llama | 'partial_rotary_factor': 0.5, | 'partial_rotary_factor' = 0.5",
        "llama | 'rope_scaling': {'type': 'linear'}, | 'rope_scaling.factor' is missing",
        "qwen3 | 'num_key_value_heads': 4, 'layer_types': ['full_attention'], | one entry for each of the 4",
        "gemma2 | 'layer_types': ['a', 'a', 'a', 'a'], | 'layer_types' = [",
        "gemma2 | 'sliding_window': null, | 'sliding_window' is not set",
        "gemma3_text | 'rope_parameters': {'rope_theta': 1.0}, | must be keyed by layer type",
        "gemma3_text | 'use_bidirectional_attention': true, | attention is causal",
        "phi3 | 'rope_scaling': {'type': 'longrope', 'short_factor': [1.0], 'long_factor': [1.0]}, | 'short_factor' must have 2 numbers",
        "mixtral | 'output_router_logits': true, | auxiliary loss",
        "mixtral | 'num_experts_per_tok': 9, | must not be greater than",
        "mixtral | 'router_jitter_noise': 0.1, | 'router_jitter_noise' = 0.1"
      })
  void whatWouldChangeTheMathematicsIsRefused(String type, String keys, String problem) {
    assertThatThrownBy(() -> parse(type, keys))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource({
    "[1], not a JSON object",
    "{, not valid JSON",
    "'', not a JSON object",
    "version https://git-lfs.github.com/spec/v1, git lfs pull"
  })
  void textThatIsNoConfigIsRefused(String text, String problem) {
    assertThatThrownBy(() -> ModelFamilies.parse(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(problem);
  }
}
