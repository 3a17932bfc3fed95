package dev.penstock.engine.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelFactsTest {
  static Stream<JsonNode> widths() {
    return SplitCases.cases("get_hidden_and_vocab_size");
  }

  static Stream<JsonNode> shapes() {
    return SplitCases.cases("precompute_stage_shapes");
  }

  static Stream<JsonNode> support() {
    return SplitCases.cases("validate_hf_model_for_pipeline_support");
  }

  @ParameterizedTest
  @MethodSource("widths")
  void widthsAreFoundAsTheReferenceFindsThem(JsonNode expected) {
    Map<?, ?> raw = new ObjectMapper().convertValue(expected.get("config"), Map.class);
    @SuppressWarnings("unchecked")
    Map<String, ?> config = (Map<String, ?>) raw;
    if (expected.has("error")) {
      assertThatThrownBy(() -> ModelWidths.of(config, "SimpleNamespace"))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    ModelWidths widths = ModelWidths.of(config, "SimpleNamespace");

    assertThat(List.of(widths.hiddenSize(), widths.vocabSize()))
        .isEqualTo(SplitCases.ints(expected.get("expect")));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void shapesAreTheReferences(JsonNode expected) {
    StageTensors tensors =
        StageTensors.of(
            expected.get("is_first").booleanValue(),
            expected.get("has_lm_head").booleanValue(),
            expected.get("returns_hidden_states").booleanValue(),
            expected.get("microbatch_size").intValue(),
            expected.get("seq_len").intValue(),
            new ModelWidths(expected.get("hidden").intValue(), expected.get("vocab").intValue()));

    assertThat(tensors.input()).isEqualTo(SplitCases.ints(expected.get("input_shape")));
    assertThat(tensors.tokenInput())
        .isEqualTo(expected.get("input_dtype").textValue().equals("int64"));
    assertThat(tensors.output()).isEqualTo(SplitCases.ints(expected.get("output_shape")));
  }

  @ParameterizedTest
  @MethodSource("support")
  void modelsAreRefusedAsTheReferenceRefusesThem(JsonNode expected) {
    JsonNode config = expected.get("model").path("config");
    JsonNode text = config.path("text_config");
    PipelineSupport support =
        new PipelineSupport(
            "test/model",
            config.path("tie_word_embeddings").asBoolean(),
            expected.get("model").path("lm_head.weight is embed_tokens.weight").asBoolean(),
            config.path("is_encoder_decoder").asBoolean(),
            text.isObject(),
            config.path("model_type").textValue(),
            text.path("model_type").textValue(),
            expected.get("model").path("class flag").asBoolean());
    if (expected.has("error")) {
      assertThatThrownBy(support::check)
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    assertThatCode(support::check).doesNotThrowAnyException();
  }

  @Test
  void allIssuesAreListed() {
    PipelineSupport support =
        new PipelineSupport("m", true, true, true, true, "qwen_vl", null, false);

    assertThat(support.issues()).hasSize(3);
    assertThatThrownBy(support::check)
        .hasMessageStartingWith("Model 'm' is not compatible with pipeline parallelism:\n\n1. ")
        .hasMessageContaining("\n2. Encoder-Decoder")
        .hasMessageContaining("\n3. VLM model_type='qwen_vl'");
  }
}
