package dev.penstock.engine.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsIndexTest {
  @Test
  void writtenIndexIsReadBack() {
    SafetensorsIndex index =
        new SafetensorsIndex(
            1L << 40, Map.of("b", "model-00002-of-00002.safetensors", "a", "x.safetensors"));
    assertThat(SafetensorsIndex.parse(index.toBytes(), "index")).isEqualTo(index);
  }

  @Test
  void otherKeysAndFloatSizesAreAccepted() {
    SafetensorsIndex index =
        parse(
            """
            {"metadata": {"total_parameters": 7, "total_size": 28.0}, "extra": [{}],
             "weight_map": {"a": "model.safetensors"}}""");
    assertThat(index).isEqualTo(new SafetensorsIndex(28, Map.of("a", "model.safetensors")));
  }

  /** Python's json module writes them, and nobody needs the number. */
  @ParameterizedTest
  @ValueSource(strings = {"null", "NaN", "Infinity", "-Infinity", "0"})
  void sizeThatSaysNothingIsAccepted(String size) {
    String json = "\uFEFF{\"metadata\":{\"total_size\":%s},\r\n\"weight_map\":{}}".formatted(size);
    assertThat(parse(json).totalSize()).isZero();
    assertThat(parse("{\"metadata\":null,\"weight_map\":{}}").totalSize()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model.safetensors",
        "/etc/model.safetensors",
        "a/model.safetensors",
        "a\\\\model.safetensors",
        "s3:model.safetensors",
        "..safetensors",
        "model\\u0000.safetensors",
        "passwd",
        ""
      })
  void fileOutsideTheFolderIsRefused(String name) {
    assertThatThrownBy(() -> parse("{\"weight_map\":{\"w\":\"" + name + "\"}}"))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("Tensor 'w'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":{\"a\":1}}",
        "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}",
        "{\"metadata\":7,\"weight_map\":{}}",
        "{\"metadata\":{\"total_size\":\"x\"},\"weight_map\":{}}",
        "{\"metadata\":{\"total_size\":123456789012345678901234567890},\"weight_map\":{}}",
        "{\"metadata\":{\"total_size\":-1},\"weight_map\":{}}",
        "{\"metadata\":{\"total_size\":-0.5},\"weight_map\":{}}",
        "{\"metadata\":{\"total_size\":1e300},\"weight_map\":{}}",
        "{\"weight_map\":{"
      })
  void invalidIndexIsRefused(String json) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageStartingWith("index");
  }

  private static SafetensorsIndex parse(String json) {
    return SafetensorsIndex.parse(json.getBytes(StandardCharsets.UTF_8), "index");
  }
}
