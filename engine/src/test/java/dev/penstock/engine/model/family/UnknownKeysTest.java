package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a family does not know changes nothing, is off, or is refused. */
class UnknownKeysTest {
  private static final String SIZES =
      "'vocab_size': 99, 'hidden_size': 64, 'intermediate_size': 80, 'num_hidden_layers': 4,"
          + " 'num_attention_heads': 16, 'num_key_value_heads': 16";

  private static DecoderSpec parse(String type, String keys) {
    String json = "{'model_type': '%s', %s%s}".formatted(type, SIZES, keys);
    return ModelFamilies.parse(json.replace('\'', '"'));
  }

  @Test
  void newMathematicsIsRefusedByName() {
    assertThatThrownBy(
            () ->
                parse(
                    "llama",
                    ", 'clip_qkv': 8.0, 'final_logit_softcapping': 30.0, 'use_qk_norm': true,"
                        + " 'residual_multiplier': 0.22, 'position_embedding_type': 'alibi',"
                        + " 'attention_sinks': [1], 'mlp': {'gated': true}, 'n_shared_experts': 1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'clip_qkv' = 8.0, 'final_logit_softcapping' = 30.0")
        .hasMessageContaining("'use_qk_norm' = true, 'residual_multiplier' = 0.22")
        .hasMessageContaining("'position_embedding_type' = \"alibi\"")
        .hasMessageContaining("'attention_sinks' = [1]")
        .hasMessageContaining("'mlp' = {\"gated\":true}")
        .hasMessageContaining("'n_shared_experts' = 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'clip_qkv': null",
        "'use_qk_norm': false",
        "'residual_multiplier': 1.0",
        "'logits_scaling': 1",
        "'num_shared_experts': 0",
        "'attention_sinks': []",
        "'mlp': {'gated': false, 'scale': 1.0}",
        "'norm_after': ''",
        "'position_embedding_type': 'none'",
        "'time_step_limit': [0.0, Infinity]",
        "'best_eval_loss': NaN",
        "'bound': {'__float__': '-Infinity'}"
      })
  void whatIsOffIsNoReasonToRefuse(String key) {
    assertThat(parse("llama", ", " + key)).isEqualTo(parse("llama", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'skip_layers': [0]",
        "'residual_multiplier': 0.5",
        "'num_shared_experts': 1",
        "'use_qk_norm': 1",
        "'sliding_window': 4096",
        "'layer_types': ['full_attention', 'sliding_attention', 'full_attention', 'full_attention']",
        "'rope_scaling': {'type': 'linear', 'factor': 2.0, 'mrope_section': [4, 4]}",
        "'rope_parameters': {'rope_type': 'default', 'llama_4_scaling_beta': 0.1}"
      })
  void whatIsOnIsRefused(String key) {
    String name = key.substring(0, key.indexOf(':'));
    assertThatThrownBy(() -> parse("llama", ", " + key))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(name.replace("'", ""));
  }

  /** Keys of the configs on the hub, by what transformers 4 and 5 and other tools write. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama | 'max_length': 20, 'num_beams': 1, 'top_k': 50, 'temperature': 1.0, 'do_sample': true",
        "llama | 'id2label': {'0': 'LABEL_0'}, 'label2id': {'LABEL_0': 0}, 'return_dict': true",
        "llama | 'pretraining_tp': 2, 'use_cache': true, 'is_decoder': true, 'torchscript': true",
        "llama | 'is_llama_config': true, 'rope_interleaved': false, 'transformers.js_config': {'a': 1}",
        "llama | 'unsloth_fixed': true, 'unsloth_version': '2025.6.2', 'ollama': {'template': 'x'}",
        "llama | 'eos_token_id': [1, 2], 'image_token_index': 7, 'model_max_length': 4096",
        "llama | '_name_or_path': 'x', '_attn_implementation_autoset': true, 'auto_map': {'A': 'b'}",
        "llama | 'layer_types': ['full_attention', 'full_attention', 'full_attention', 'full_attention']",
        "llama | 'use_sliding_window': false, 'sliding_window': 4096, 'max_window_layers': 21",
        "llama | 'original_max_position_embeddings': 4096, 'rope_scaling': null",
        "llama | 'rope_scaling': {'type': 'default', 'factor': 2.0}, 'rope_parameters': {'x': 1}",
        "mistral | 'sliding_window': 7, 'layer_types': null",
        "qwen2 | 'use_mrope': false, 'max_window_layers': 21, 'dual_chunk_attention_config': {'a': 1}",
        "qwen3 | 'num_nextn_predict_layers': 1, 'max_window_layers': 36, 'use_sliding_window': false",
        "gemma | 'hidden_act': 'gelu', 'hidden_activation': 'gelu_pytorch_tanh'",
        "gemma2 | 'hidden_act': 'gelu_pytorch_tanh', 'cache_implementation': 'hybrid', 'sliding_window_size': 4096",
        "gemma3_text | 'attn_logit_softcapping': 50.0, '_sliding_window_pattern': 6, 'rope_local_base_freq': 10000",
        "phi3 | 'full_attn_mod': 1, 'interpolate_factor': 1, 'lm_head_bias': false, 'embd_pdrop': 0.0",
        "smollm3 | 'max_window_layers': 28, 'pretraining_tp': 2, 'use_sliding_window': false",
        "mixtral | 'router_aux_loss_coef': 0.02, 'output_router_logits': false, 'sliding_window': null",
        "qwen3_moe | 'max_window_layers': 48, 'num_experts': 128, 'mlp_only_layers': []",
        "olmo2 | 'clip_qkv': null, 'attention_bias': false",
        "granite | 'attention_multiplier': 0.5, 'logits_scaling': 8.0"
      })
  void publishedConfigsAreRead(String type, String keys) {
    assertThatCode(() -> parse(type, ", " + keys)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"quantization_config", "quantization", "compression_config"})
  void quantizedWeightsAreRefusedWithTheReason(String key) {
    assertThatThrownBy(() -> parse("llama", ", '%s': {'bits': 4}".formatted(key)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("the weights are quantized ('%s')".formatted(key));
  }
}
