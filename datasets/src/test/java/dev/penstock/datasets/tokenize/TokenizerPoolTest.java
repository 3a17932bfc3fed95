package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.TestingData;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenizerPoolTest {
  private final TokenizerPool pool = new TokenizerPool(1);

  private static TokenizerFiles named(String eos) {
    return TokenizerFiles.of(
        Map.of(
            "tokenizer.json",
            TestingData.tokenizer().bytes("tokenizer.json"),
            "tokenizer_config.json",
            "{\"eos_token\": \"%s\"}".formatted(eos).getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void sameFilesAreOpenedOnce() {
    TokenizerPool.Opened first = pool.take(named("<a>"));
    TokenizerPool.Opened second = pool.take(named("<a>"));
    assertThat(second).isSameAs(first);
    pool.giveBack(first);
    assertThat(second.tokenizer().encode("In", SpecialTokens.EXCLUDED)).isNotEmpty();
    pool.giveBack(second);
    assertThat(pool.take(named("<a>"))).isSameAs(first);
  }

  @Test
  void otherNamesAreAnotherTokenizer() {
    TokenizerPool.Opened first = pool.take(named("<a>"));
    assertThat(pool.take(named("<b>"))).isNotSameAs(first);
    assertThat(pool.size()).isEqualTo(2);
  }

  @Test
  void fewStayOpenThatNobodyUses() {
    TokenizerPool.Opened first = pool.take(named("<a>"));
    TokenizerPool.Opened second = pool.take(named("<b>"));
    pool.giveBack(first);
    assertThat(pool.size()).isEqualTo(2);
    pool.giveBack(second);
    assertThat(pool.size()).isEqualTo(1);
    assertThatThrownBy(() -> first.tokenizer().encode("In", SpecialTokens.EXCLUDED))
        .isInstanceOf(IllegalStateException.class);
    assertThat(pool.take(named("<b>"))).isSameAs(second);
  }
}
