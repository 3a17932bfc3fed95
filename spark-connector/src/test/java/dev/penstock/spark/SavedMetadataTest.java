package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metadata of a saved trainer, as somebody else may have changed it. */
@Timeout(120)
class SavedMetadataTest {
  @TempDir Path folder;

  private String saved;

  @BeforeEach
  void startSpark() throws IOException {
    TestSpark.session();
    Path path = folder.resolve("trainer");
    new CausalLMTrainer()
        .setInputCol("body")
        .setNoDecayPatterns(new String[] {"norm"})
        .setSeqLength(77)
        .setLearningRate(0.375)
        .setSeed(123456789012L)
        .setDocumentMask(true)
        .write()
        .save(path.toUri().toString());
    saved = Files.readString(file());
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("trainer/metadata"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("part-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private void change(String from, String to) throws IOException {
    assertThat(saved).contains(from);
    Files.writeString(file(), saved.replace(from, to));
    Files.deleteIfExists(
        file().resolveSibling("." + file().getFileName() + ".crc")); // Hadoop's own check
  }

  private CausalLMTrainer load() {
    return CausalLMTrainer.load(folder.resolve("trainer").toUri().toString());
  }

  @Test
  void whatWasSavedIsLoaded() {
    assertThat(load().getInputCol()).isEqualTo("body");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"3", "[null]", "{}", "true", "[[\"norm\"]]", "\"norm\"", "{\"type\":7}", "null"})
  void oddValuesOfAParamAreRefusedInWords(String value) throws IOException {
    change("[\"norm\"]", value);
    assertRefused();
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "{\"a\":1}", "{\"class\":\"x\"}", "17"})
  void oddValuesOfATextAreRefusedInWords(String value) throws IOException {
    change("\"body\"", value);
    assertRefused();
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "{}", "\"text\"", "1e999", "[1]"})
  void oddValuesOfNumbersAndFlagsAreRefusedInWords(String value) throws IOException {
    for (String number :
        List.of(
            "\"seqLength\":77",
            "\"learningRate\":0.375",
            "\"seed\":123456789012",
            "\"documentMask\":true")) {
      change(number, number.substring(0, number.indexOf(':') + 1) + value);
      assertRefused();
    }
  }

  @Test
  void numbersThatWouldBeCutAreRefusedByName() throws IOException {
    change("\"seqLength\":77", "\"seqLength\":77.5");
    assertThatThrownBy(this::load).hasMessageContaining("Param seqLength is 77.5");
    change("\"seqLength\":77", "\"seqLength\":4294967373");
    assertThatThrownBy(this::load).hasMessageContaining("Param seqLength is 4294967373");
    change("\"documentMask\":true", "\"documentMask\":null");
    assertThatThrownBy(this::load).hasMessageContaining("Param documentMask is null");
  }

  @Test
  void deepNestingIsRefusedInWords() throws IOException {
    change("\"body\"", "[".repeat(200_000) + "]".repeat(200_000));
    assertRefused();
  }

  private void assertRefused() {
    assertThatThrownBy(this::load)
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(
            failure ->
                assertThat(failure.getMessage())
                    .contains("CausalLMTrainer saved at")
                    .hasSizeLessThan(2000));
  }
}
