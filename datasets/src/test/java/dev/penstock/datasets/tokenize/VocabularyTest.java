package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  @Test
  void unigramIdsAreThePlacesInTheList() {
    Vocabulary vocabulary =
        parse(
            """
            {"model":
              {"type": "Unigram", "vocab": [["<unk>", 0.0], ["</s>", -1.5], ["a", -2]]}}""");
    assertThat(vocabulary.size()).isEqualTo(3);
    assertThat(vocabulary.id("</s>")).hasValue(1);
  }

  @Test
  void addedTokensMayLieBeyondTheModel() {
    Vocabulary vocabulary =
        parse(
            """
            {"added_tokens": [{"id": 7, "content": "</s>", "special": true, "x": [{}]}],
             "model": {"merges": [["a", "b"]], "vocab": {"a": 0, "b": 1}}}""");
    assertThat(vocabulary.size()).isEqualTo(8);
    assertThat(vocabulary.id("</s>")).hasValue(7);
    assertThat(vocabulary.id("a")).isEmpty();
  }

  @Test
  void usualNameIsTakenOnlyIfItIsTheOnlyOne() {
    SpecialTokenNames usual =
        SpecialTokenNames.of(TokenizerFiles.of(Map.of("tokenizer.json", new byte[0])));
    String one = "{\"model\": {\"vocab\": {\"</s>\": 3}}}";
    String two = "{\"model\": {\"vocab\": {\"</s>\": 3, \"<|endoftext|>\": 4}}}";
    assertThat(usual.id("eos_token", parse(one, usual.all()))).hasValue(3);
    assertThat(usual.id("eos_token", parse(two, usual.all()))).isEmpty();
  }

  @Test
  void configurationMayDescribeATokenByAnObject() {
    TokenizerFiles files =
        TokenizerFiles.of(
            Map.of(
                "tokenizer.json",
                new byte[0],
                "tokenizer_config.json",
                bytes("{\"eos_token\": {\"content\": \"<x>\"}, \"bos_token\": null}"),
                "special_tokens_map.json",
                bytes("{\"eos_token\": \"<y>\", \"pad_token\": \"<y>\"}")));
    SpecialTokenNames names = SpecialTokenNames.of(files);
    assertThat(names.candidatesByRole())
        .isEqualTo(Map.of("eos_token", List.of("<x>"), "pad_token", List.of("<y>")));
  }

  private static Vocabulary parse(String json) {
    return parse(json, Set.of("</s>"));
  }

  private static Vocabulary parse(String json, Set<String> wanted) {
    return Vocabulary.parse(bytes(json), wanted);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
