package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextEncoderTest {
  private static final int VOCAB_SIZE = 320;
  private static final int BOS = 1;
  private static final int EOS = 2;

  @TempDir Path folder;

  private static int[] encode(String tokenizer, SpecialTokens specialTokens, String text)
      throws IOException, URISyntaxException {
    Path folder = Path.of(TextEncoderTest.class.getResource("/tokenizers/" + tokenizer).toURI());
    try (TextTokenizer open = TextTokenizer.open(TokenizerFiles.read(folder))) {
      return new TextEncoder(open, specialTokens, VOCAB_SIZE).encode(text);
    }
  }

  @Test
  void tokensOfTheTextItselfAreNotDoubled() throws Exception {
    int[] expected = {1, 43, 80, 263, 301, 73, 270, 80, 315, 2};
    String text = "<s>In the beginning</s>";
    assertThat(encode("bos", SpecialTokens.INCLUDED, text)).isEqualTo(expected);
    assertThat(encode("bos-eos", SpecialTokens.INCLUDED, text)).isEqualTo(expected);
    assertThat(encode("bos-eos", SpecialTokens.INCLUDED, "In the beginning")).isEqualTo(expected);
    assertThat(encode("bos-eos", SpecialTokens.EXCLUDED, text)).isEqualTo(expected);
  }

  @Test
  void specialTokensCanBeTurnedOff() throws Exception {
    assertThat(encode("bos", SpecialTokens.EXCLUDED, "In")).containsExactly(43, 80);
    assertThat(encode("bos", SpecialTokens.INCLUDED, "In")).containsExactly(BOS, 43, 80);
  }

  @Test
  void onlyTheOneThatTheTokenizerPutsThereIsLeftOut() throws Exception {
    assertThat(encode("bos", SpecialTokens.INCLUDED, "<s><s>In<s><s>"))
        .containsExactly(BOS, BOS, 43, 80, BOS, BOS);
    assertThat(encode("bos-eos", SpecialTokens.INCLUDED, "")).containsExactly(BOS, EOS);
    assertThat(encode("bos-eos", SpecialTokens.INCLUDED, "<s>")).containsExactly(BOS, EOS);
    assertThat(encode("bos-eos", SpecialTokens.INCLUDED, "<s></s>")).containsExactly(BOS, EOS);
    assertThat(encode("bos", SpecialTokens.INCLUDED, "")).containsExactly(BOS);
  }

  @Test
  void idBeyondTheModelIsRefusedWhereItOccurs() throws Exception {
    Path folder = Path.of(TextEncoderTest.class.getResource("/tokenizers/bos").toURI());
    try (TextTokenizer open = TextTokenizer.open(TokenizerFiles.read(folder))) {
      TextEncoder encoder = new TextEncoder(open, SpecialTokens.INCLUDED, VOCAB_SIZE - 5);
      assertThat(encoder.encode("In the")).hasSize(4);
      assertThatThrownBy(() -> encoder.encode("In the beginning"))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("'In the beginning'")
          .hasMessageContaining("the id 315 at position 8")
          .hasMessageContaining("315 ids, the last one 314");
    }
  }

  @Test
  void tokenizerNeedHaveNoTokenForAnyLetter() throws IOException {
    TokenizerFiles files = words();
    try (TextTokenizer open = TextTokenizer.open(files)) {
      TextEncoder encoder = new TextEncoder(open, SpecialTokens.INCLUDED, VOCAB_SIZE);
      assertThat(encoder.encode("In the")).containsExactly(BOS, 3, 4, EOS);
      assertThat(encoder.encode("<s> In the </s>")).containsExactly(BOS, 3, 4, EOS);
    }
  }

  @Test
  void textThatTheTokenizerHasNoTokensForIsNamed() throws IOException {
    TokenizerFiles files = words();
    try (TextTokenizer open = TextTokenizer.open(files)) {
      TextEncoder encoder = new TextEncoder(open, SpecialTokens.EXCLUDED, VOCAB_SIZE);
      assertThatThrownBy(() -> encoder.encode("In the beginning"))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("'In the beginning'")
          .hasMessageContaining("Missing [UNK] token");
    }
  }

  /** Whole words, of which the one for all others is not in the vocabulary. */
  private TokenizerFiles words() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "normalizer": null, "decoder": null,
         "added_tokens": [
          {"id": 1, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
           "normalized": false, "special": true},
          {"id": 2, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
           "normalized": false, "special": true}],
         "pre_tokenizer": {"type": "Whitespace"},
         "post_processor": {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                     {"Sequence": {"id": "A", "type_id": 0}},
                     {"SpecialToken": {"id": "</s>", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
          "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]},
                             "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
         "model": {"type": "WordLevel", "unk_token": "[UNK]",
          "vocab": {"<pad>": 0, "<s>": 1, "</s>": 2, "In": 3, "the": 4}}}
        """);
    return TokenizerFiles.read(folder);
  }
}
