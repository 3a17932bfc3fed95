package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompleteTokenizerTest {
  private static final String MODEL =
      "\"model\": {\"type\": \"WordLevel\", \"unk_token\": \"a\", \"vocab\": {\"a\": 0, \"b\": 1}}";
  private static final String END =
      "{\"id\": 7, \"content\": \"</s>\", \"single_word\": false, \"lstrip\": false, \"rstrip\":"
          + " false, \"normalized\": false, \"special\": true}";

  private final Map<String, String> files = new HashMap<>();

  private CompleteTokenizer complete(String tokenizer) {
    files.put("tokenizer.json", tokenizer);
    Map<String, byte[]> bytes = new HashMap<>();
    files.forEach((name, text) -> bytes.put(name, text.getBytes(StandardCharsets.UTF_8)));
    return CompleteTokenizer.of(TokenizerFiles.of(bytes));
  }

  private static String withEnd() {
    return "{\"added_tokens\": [%s], %s}".formatted(END, MODEL);
  }

  private static OptionalInt id(CompleteTokenizer tokenizer, String role) {
    return tokenizer.names().id(role, tokenizer.vocabulary());
  }

  @Test
  void unigramIdsAreThePlacesInTheList() {
    Vocabulary vocabulary =
        complete(
                """
                {"model": {"type": "Unigram", "unk_id": 0,
                  "vocab": [["<unk>", 0.0], ["</s>", -1.5], ["a", -2]]}}""")
            .vocabulary();
    assertThat(vocabulary.size()).isEqualTo(3);
    assertThat(vocabulary.id("</s>")).hasValue(1);
  }

  @Test
  void addedTokenFollowsTheModelWhateverItsNumber() {
    Vocabulary vocabulary = complete(withEnd()).vocabulary();
    assertThat(vocabulary.size()).isEqualTo(3);
    assertThat(vocabulary.id("</s>")).hasValue(2);
    assertThat(vocabulary.id("c")).isEmpty();
  }

  @Test
  void fileThatNeedsNothingIsLeftAsItIs() {
    files.put("tokenizer_config.json", "{\"eos_token\": \"</s>\", \"model_max_length\": NaN}");
    String file = withEnd();
    assertThat(complete("\ufeff" + file).json()).isEqualTo(file);
  }

  @Test
  void splittingSpecialTokensIsRefused() {
    files.put("tokenizer_config.json", "{\"split_special_tokens\": false}");
    assertThat(complete(withEnd()).vocabulary().size()).isEqualTo(3);
    files.put("tokenizer_config.json", "{\"split_special_tokens\": true}");
    assertThatThrownBy(() -> complete(withEnd()))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("split_special_tokens in the tokenizer's tokenizer_config.json");
  }

  @Test
  void tokensAreAddedWhereTheFileHasNoList() {
    files.put("tokenizer_config.json", "{\"eos_token\": \"<e>\", \"a_token\": \"<x>\"}");
    CompleteTokenizer tokenizer = complete("{" + MODEL + "} \n");
    assertThat(TokenizerJson.parse(tokenizer.json().getBytes(StandardCharsets.UTF_8)).addedTokens())
        .extracting(AddedToken::content)
        .containsExactly("<e>", "<x>");
    assertThat(id(tokenizer, "eos_token")).hasValue(2);
  }

  @Test
  void flagsOfTheConfigurationOverrideThoseOfTheTokenizer() {
    files.put(
        "tokenizer_config.json",
        "{\"added_tokens_decoder\": {\"2\": {\"content\": \"</s>\", \"lstrip\": true}}}");
    List<AddedToken> tokens =
        TokenizerJson.parse(complete(withEnd()).json().getBytes(StandardCharsets.UTF_8))
            .addedTokens();
    assertThat(tokens).last().isEqualTo(new AddedToken("</s>", false, true, false, true, false));
    assertThat(complete(withEnd()).vocabulary().size()).isEqualTo(3);
  }

  /** As transformers 5 writes them, and as it reads the old key. */
  @ParameterizedTest
  @ValueSource(strings = {"model_specific_special_tokens", "additional_special_tokens"})
  void namedTokensAreAdded(String key) {
    files.put("tokenizer_config.json", "{\"%s\": {\"a_token\": \"<a>\"}}".formatted(key));
    assertThat(
            TokenizerJson.parse(complete(withEnd()).json().getBytes(StandardCharsets.UTF_8))
                .addedTokens())
        .last()
        .isEqualTo(AddedToken.special("<a>"));
  }

  @Test
  void paddingOfTheTokenizerNamesItsTokenIfNothingElseDoes() {
    String padding = "{\"padding\": {\"pad_token\": \"<p>\"}, %s}".formatted(MODEL);
    assertThat(id(complete(padding), "pad_token")).hasValue(2);
    files.put("tokenizer_config.json", "{\"pad_token\": null}");
    assertThat(id(complete(padding), "pad_token")).isEmpty();
  }

  @Test
  void classNamesWhatTheConfigurationLeavesOut() {
    files.put("tokenizer_config.json", "{\"tokenizer_class\": \"LlamaTokenizerFast\"}");
    assertThat(id(complete(withEnd()), "eos_token")).hasValue(2);
    assertThat(id(complete(withEnd()), "bos_token")).isEmpty();
    files.put(
        "tokenizer_config.json",
        "{\"tokenizer_class\": \"LlamaTokenizerFast\", \"eos_token\": null}");
    assertThat(id(complete(withEnd()), "eos_token")).isEmpty();
  }

  @Test
  void usualNameIsTakenOnlyIfItIsTheOnlyOne() {
    String vocabulary =
        "{\"model\": {\"type\": \"WordLevel\", \"unk_token\": \"</s>\", \"vocab\": {%s}}}";
    assertThat(id(complete(vocabulary.formatted("\"</s>\": 3")), "eos_token")).hasValue(3);
    assertThat(id(complete(vocabulary.formatted("\"</s>\": 3, \"<|endoftext|>\": 4")), "eos_token"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"eos_token\": 5}",
        "{\"eos_token\": {\"lstrip\": true}}",
        "{\"added_tokens_decoder\": null}",
        "{\"added_tokens_decoder\": {\"-1\": {\"content\": \"x\"}}}",
        "{\"added_tokens_decoder\": {\"0\": \"x\"}}",
        "{\"additional_special_tokens\": [7]}",
        "{\"additional_special_tokens\": \"zz\"}",
        "{\"additional_special_tokens\": \"\"}",
        "{\"additional_special_tokens\": 5}",
        "{\"additional_special_tokens\": false}",
        "{\"extra_special_tokens\": \"zz\", \"additional_special_tokens\": [\"a\"]}",
        "{\"extra_special_tokens\": true}",
        "{\"model_specific_special_tokens\": [\"a\"]}",
        "[]",
        "{\"eos_token\": "
      })
  void configurationThatMakesNoSenseIsRefused(String config) {
    files.put("tokenizer_config.json", config);
    assertThatThrownBy(() -> complete(withEnd()))
        .isInstanceOf(DatasetException.class)
        .hasMessageMatching("(?s).*(of the tokenizer|has the id -1).*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-1", "2147483647", "4294967295", "1.0", "\"1\"", "null", "99999999999999"})
  void idOutsideAnyVocabularyIsRefused(String id) {
    assertThatThrownBy(() -> complete(withEnd().replace("\"b\": 1", "\"b\": " + id)))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("'b'")
        .hasMessageContaining("from 0 to 16777215");
  }

  @Test
  void bytesThatAreNoTextAreRefused() {
    byte[] file = withEnd().getBytes(StandardCharsets.UTF_8);
    file[withEnd().indexOf("</s>")] = (byte) 0xff;
    assertThatThrownBy(
            () -> CompleteTokenizer.of(TokenizerFiles.of(Map.of("tokenizer.json", file))))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("no valid JSON");
  }
}
