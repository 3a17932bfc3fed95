package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import org.junit.jupiter.api.Test;

class GenerationDefaultsTest {
  private static final String CONFIG = "{\"eos_token_id\": [2, 7]}";

  @Test
  void generationConfigAloneNamesTheEnds() {
    assertThat(GenerationDefaults.parse(CONFIG, "{\"eos_token_id\": [3, 5]}").endTokenIds())
        .containsExactly(3, 5);
    assertThat(GenerationDefaults.parse(CONFIG, "{\"eos_token_id\": 3}").endTokenIds())
        .containsExactly(3);
    assertThat(GenerationDefaults.parse(CONFIG, "{}").endTokenIds()).isEmpty();
    assertThat(GenerationDefaults.parse("{}", "{\"eos_token_id\": null}").endTokenIds()).isEmpty();
  }

  @Test
  void configNamesThemWithoutIt() {
    assertThat(GenerationDefaults.parse(CONFIG, null).endTokenIds()).containsExactly(2, 7);
    assertThat(GenerationDefaults.parse("{\"eos_token_id\": 4}", null).endTokenIds())
        .containsExactly(4);
    assertThat(GenerationDefaults.parse("{\"eos_token_id\": null}", null).endTokenIds()).isNull();
    assertThat(GenerationDefaults.parse("{}", null).endTokenIds()).isNull();
  }

  /** As a fit writes it for a model whose config names no end. */
  @Test
  void aFileMadeOfTheConfigDecidesNothingOfItsOwn() {
    String made = "{\"_from_model_config\": true}";
    assertThat(GenerationDefaults.parse(CONFIG, made).endTokenIds()).containsExactly(2, 7);
    assertThat(GenerationDefaults.parse("{}", made).endTokenIds()).isNull();
  }

  @Test
  void optionsAreReadAndHaveTransformersDefaults() {
    GenerationDefaults plain = GenerationDefaults.parse("{}", null);
    assertThat(plain.doSample()).isFalse();
    assertThat(plain.temperature()).isEqualTo(1);
    assertThat(plain.topK()).isEqualTo(50);
    assertThat(plain.topP()).isEqualTo(1);
    assertThat(plain.repetitionPenalty()).isEqualTo(1);
    assertThat(plain.maxNewTokens()).isNull();
    assertThat(plain.maxLength()).isNull();

    GenerationDefaults file =
        GenerationDefaults.parse(
            "{}",
            "\ufeff{\"do_sample\": true, \"temperature\": 0.6, \"top_k\": 20, \"top_p\": 0.95,"
                + " \"repetition_penalty\": 1.05, \"max_new_tokens\": 7, \"max_length\": 90,"
                + " \"x\": Infinity, \"num_beams\": 1, \"min_p\": 0.1}");
    assertThat(file.doSample()).isTrue();
    assertThat(file.temperature()).isEqualTo(0.6);
    assertThat(file.topK()).isEqualTo(20);
    assertThat(file.topP()).isEqualTo(0.95);
    assertThat(file.repetitionPenalty()).isEqualTo(1.05);
    assertThat(file.maxNewTokens()).isEqualTo(7);
    assertThat(file.maxLength()).isEqualTo(90);
    assertThat(file.ignored()).containsExactly("min_p");
  }

  @Test
  void whatCannotBeIsNamed() {
    assertThatThrownBy(
            () ->
                GenerationDefaults.parse(
                    "{}",
                    "{\"temperature\": NaN, \"top_p\": 2, \"top_k\": -1, \"max_length\": \"a\"}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("temperature is \"NaN\"; top_k is -1; top_p is 2")
        .hasMessageContaining("max_length is \"a\"");
    assertThatThrownBy(() -> GenerationDefaults.parse("{}", "{\"eos_token_id\": [1, \"x\"]}"))
        .hasMessageContaining("eos_token_id in generation_config.json must be a token id");
    assertThatThrownBy(() -> GenerationDefaults.parse("{}", "{"))
        .hasMessageContaining("The generation_config.json is no valid JSON")
        .hasMessageEndingWith("Correct it or remove it.");
    assertThatThrownBy(() -> GenerationDefaults.parse("{}", ""))
        .hasMessage("The generation_config.json is no JSON object. Correct it or remove it.");
  }
}
