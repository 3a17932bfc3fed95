package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTokenizerTest {
  private final TextTokenizer tokenizer = TextTokenizer.open(TestingData.tokenizer());

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void idsAndTextsAreThoseOfTheReference() throws IOException {
    JsonNode cases =
        new ObjectMapper()
            .readTree(TestingData.resource("/tokenizer/byte-level-bpe-4k/golden.json"));
    assertThat(cases).hasSize(74);
    for (JsonNode golden : cases) {
      int[] ids =
          IntStream.range(0, golden.get("ids").size())
              .map(i -> golden.get("ids").get(i).intValue())
              .toArray();
      String text = golden.get("text").textValue();
      assertThat(tokenizer.encode(text, SpecialTokens.EXCLUDED)).as(text).isEqualTo(ids);
      assertThat(tokenizer.decode(ids, SpecialTokens.INCLUDED))
          .isEqualTo(golden.get("decoded").textValue());
    }
  }

  @Test
  void specialTokensCanBeLeftOutOfTheText() {
    int[] ids = tokenizer.encode("a<|eot|>b", SpecialTokens.EXCLUDED);
    assertThat(ids).hasSize(3).contains(TestingData.EOT);
    assertThat(tokenizer.decode(ids, SpecialTokens.EXCLUDED)).isEqualTo("ab");
  }

  @Test
  void threadsEncodeAtTheSameTime() {
    List<String> verses = TestingData.verses();
    List<int[]> expected =
        verses.stream().map(v -> tokenizer.encode(v, SpecialTokens.EXCLUDED)).toList();
    IntStream.range(0, 10 * verses.size())
        .parallel()
        .map(i -> i % verses.size())
        .forEach(
            i ->
                assertThat(tokenizer.encode(verses.get(i), SpecialTokens.EXCLUDED))
                    .isEqualTo(expected.get(i)));
  }

  @Test
  void configurationNamesTheSpecialTokens() {
    assertThat(tokenizer.vocabSize()).isEqualTo(TestingData.VOCAB_SIZE);
    assertThat(tokenizer.padTokenId()).hasValue(0);
    assertThat(tokenizer.bosTokenId()).hasValue(1);
    assertThat(tokenizer.eosTokenId()).hasValue(TestingData.EOT);
    assertThat(tokenizer.endOfDocumentId(OptionalInt.empty())).isEqualTo(TestingData.EOT);
    assertThat(tokenizer.endOfDocumentId(OptionalInt.of(0))).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4096})
  void endOfDocumentOutsideTheVocabularyIsRefused(int id) {
    assertThatThrownBy(() -> tokenizer.endOfDocumentId(OptionalInt.of(id)))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(id + " is not in the vocabulary of 4096");
  }

  @Test
  void endOfDocumentMustBeGivenWhereNoFileNamesIt() {
    byte[] json = TestingData.tokenizer().bytes("tokenizer.json");
    try (TextTokenizer bare =
        TextTokenizer.open(TokenizerFiles.of(Map.of("tokenizer.json", json)))) {
      assertThatThrownBy(() -> bare.endOfDocumentId(OptionalInt.empty()))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("tokenizer_config.json");
      assertThat(bare.endOfDocumentId(OptionalInt.of(2))).isEqualTo(2);
      assertThat(bare.padTokenId()).hasValue(0);
    }
  }

  @Test
  void truncationAndPaddingOfTheFileAreSwitchedOff() {
    String json =
        new String(TestingData.tokenizer().bytes("tokenizer.json"), StandardCharsets.UTF_8)
            .replace(
                "\"truncation\": null",
                "\"truncation\": {\"direction\": \"Right\", \"max_length\": 2, "
                    + "\"strategy\": \"LongestFirst\", \"stride\": 0}")
            .replace(
                "\"padding\": null",
                "\"padding\": {\"strategy\": {\"Fixed\": 64}, \"direction\": \"Right\", "
                    + "\"pad_to_multiple_of\": null, \"pad_id\": 0, \"pad_type_id\": 0, "
                    + "\"pad_token\": \"<|pad|>\"}");
    TokenizerFiles files =
        TokenizerFiles.of(Map.of("tokenizer.json", json.getBytes(StandardCharsets.UTF_8)));
    try (TextTokenizer limited = TextTokenizer.open(files)) {
      assertThat(json).contains("\"max_length\": 2", "\"Fixed\"");
      String text = "In the beginning God created the heaven and the earth.";
      assertThat(limited.encode(text, SpecialTokens.EXCLUDED))
          .isEqualTo(tokenizer.encode(text, SpecialTokens.EXCLUDED));
    }
  }

  @Test
  void loneSurrogateDoesNotBreakTheEncoder() {
    int[] ids = tokenizer.encode("a\ud83dz", SpecialTokens.EXCLUDED);
    assertThat(tokenizer.decode(ids, SpecialTokens.EXCLUDED)).startsWith("a").endsWith("z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{}", "{\"model\":{\"vocab\":{\"a\":0}}}"})
  void fileThatIsNoTokenizerIsRefused(String json) {
    TokenizerFiles files =
        TokenizerFiles.of(Map.of("tokenizer.json", json.getBytes(StandardCharsets.UTF_8)));
    assertThatThrownBy(() -> TextTokenizer.open(files))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("tokenizer.json");
  }

  @Test
  void closedTokenizerIsRefused() {
    tokenizer.close();
    tokenizer.close();
    assertThatThrownBy(() -> tokenizer.encode("a", SpecialTokens.EXCLUDED))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void loadingLeavesTheSystemPropertiesAlone() {
    assertThat(System.getProperty("RUST_FLAVOR")).isNull();
  }
}
