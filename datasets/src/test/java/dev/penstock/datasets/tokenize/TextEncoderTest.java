package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TextEncoderTest {
  private static final int VOCAB_SIZE = 320;
  private static final int BOS = 1;
  private static final int EOS = 2;

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
}
