package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LoraSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an {@code adapter_config.json} holds, it is read or refused, soon and in few words. */
class HostileAdapterConfigTest {
  private static final int ROUNDS = 5_000;
  private static final int LONGEST_MESSAGE = 2000;
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Path FOLDER = Path.of("src/test/resources/peft");

  private static final DecoderSpec SPEC =
      ModelFamilies.parse(
          """
          {"model_type": "llama", "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 40,
           "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48}
          """);

  /** What a file could have in the place of anything. */
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1e400",
          "-1e400",
          "2147483647",
          "99999999999999999999",
          "0.5",
          "\"\"",
          "\"all-linear\"",
          "\"(a+)+$\"",
          "\"(.*)*(.*)*x\"",
          "\"\\\\1\"",
          "[]",
          "{}",
          "[null]",
          "[[[[]]]]",
          "{\"(x+x+)+y\": 1e308}",
          "[-5, 1e9]",
          "\"pissa\"",
          "\"all\"",
          "[\"\"]",
          "{\"q_proj\": 2147483647}",
          "\"\\u0000\"");

  private static void readSoon(String json) {
    assertTimeoutPreemptively(
        SOON,
        () -> {
          try {
            LoraSpec lora =
                LoraTargets.resolve(SPEC, AdapterConfig.parse(json, "folder").lora(), 0);
            assertThat(lora.adapters().values())
                .isNotEmpty()
                .allMatch(adapter -> adapter.rank() >= 1 && Double.isFinite(adapter.scale()));
          } catch (ConfigException e) {
            assertThat(e.getMessage()).hasSizeLessThan(LONGEST_MESSAGE);
          }
        });
  }

  @Test
  void mutatedFilesAreReadOrRefused() throws IOException {
    List<String> files =
        List.of(
            Files.readString(FOLDER.resolve("patterns-and-rslora/adapter_config.json")),
            Files.readString(FOLDER.resolve("modules-to-save-norms/adapter_config.json")),
            Files.readString(FOLDER.resolve("trainable-tokens-tied/adapter_config.json")));
    Random random = new Random(7);
    for (int round = 0; round < ROUNDS; round++) {
      StringBuilder json = new StringBuilder(files.get(round % files.size()));
      int changes = 1 + random.nextInt(3);
      for (int change = 0; change < changes; change++) {
        mutate(json, random);
      }
      readSoon(json.toString());
    }
  }

  private static void mutate(StringBuilder json, Random random) {
    int at = random.nextInt(json.length());
    switch (random.nextInt(4)) {
      case 0 -> json.setCharAt(at, (char) random.nextInt(128));
      case 1 -> json.delete(at, Math.min(json.length() - 1, at + random.nextInt(20)));
      case 2 -> json.insert(at, json.substring(at, Math.min(json.length(), at + 40)));
      default -> {
        int colon = json.indexOf(":", at);
        int end = colon < 0 ? -1 : json.indexOf(",", colon);
        if (end > 0) {
          json.replace(colon + 1, end, VALUES.get(random.nextInt(VALUES.size())));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"lora_alpha\": 1e400",
        "\"lora_alpha\": -1e400",
        "\"lora_alpha\": 0",
        "\"lora_dropout\": 1e400",
        "\"r\": 2147483648",
        "\"r\": 1e400",
        "\"rank_pattern\": {\"q_proj\": -3}",
        "\"rank_pattern\": {\"(\": 3}",
        "\"alpha_pattern\": {\"q_proj\": 1e400}",
        "\"layers_to_transform\": [1.5]",
        "\"trainable_token_indices\": [97]",
        "\"trainable_token_indices\": [-1]",
        "\"trainable_token_indices\": [5, 5]",
        "\"trainable_token_indices\": {\"lm_head\": [5]}",
        "\"modules_to_save\": [\"(\"]",
        "\"modules_to_save\": [\"proj\"]",
        "\"bias\": \"some\"",
        "\"layers_pattern\": \"layers\"",
        "\"exclude_modules\": \"(\"",
        "\"base_model_name_or_path\": null, \"invented\": {\"a\": [1]}"
      })
  void impossibleValuesAreRefused(String entry) {
    String json =
        "{\"peft_type\": \"LORA\", \"target_modules\": [\"q_proj\"], %s}".formatted(entry);
    assertThatThrownBy(
            () -> LoraTargets.resolve(SPEC, AdapterConfig.parse(json, "folder").lora(), 0))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void longAndDeepFilesAreRefusedInFewWords() {
    String endless = "x".repeat(1 << 19);
    readSoon("{\"peft_type\": \"LORA\", \"target_modules\": \"%s\"}".formatted(endless));
    readSoon("{\"peft_type\": \"LORA\", \"target_modules\": [\"%s\"]}".formatted(endless));
    readSoon("{\"peft_type\": \"%s\"}".formatted(endless));
    readSoon(
        "{\"peft_type\": \"LORA\", \"target_modules\": [\"q_proj\"], \"%s\": 1}"
            .formatted(endless));
    readSoon("[".repeat(1 << 19));
    readSoon("{\"a\":".repeat(1 << 17));
    readSoon(new String(new byte[1 << 21], StandardCharsets.US_ASCII));
    StringBuilder many = new StringBuilder("{\"peft_type\": \"LORA\"");
    for (int key = 0; key < 10_000; key++) {
      many.append(", \"invented_").append(key).append("\": [1, 2]");
    }
    readSoon(many.append('}').toString());
  }
}
