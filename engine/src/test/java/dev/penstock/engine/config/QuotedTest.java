package dev.penstock.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotedTest {
  @Test
  void valueIsShortAndPrintable() {
    assertThat(Quoted.of("q_proj")).isEqualTo("'q_proj'");
    assertThat(Quoted.of("a\nb\u0000")).isEqualTo("'a?b?'");
    assertThat(Quoted.plain("x".repeat(1_000_000))).hasSize(123).endsWith("...");
  }

  @Test
  void listTellsHowManyItLeavesOut() {
    assertThat(Quoted.list(List.of("a", "b"))).isEqualTo("a, b");
    assertThat(Quoted.list(Collections.nCopies(10_000, "0123456789")))
        .hasSizeLessThan(1100)
        .startsWith("0123456789, 0123456789")
        .endsWith(" and 9917 more");
  }

  /** Characters of one, two, three and four bytes. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "\u00e9", "\u4e2d", "\ud83d\ude00"})
  void longMessageKeepsBeginningAndRemedy(String character) {
    for (int shift = 0; shift < 4; shift++) {
      String message = "x".repeat(shift) + "Bad: " + character.repeat(100_000) + " Mend it.";
      String bounded = new ConfigException(message).getMessage();
      assertThat(bounded.getBytes(StandardCharsets.UTF_8).length)
          .isBetween(Quoted.MAX_MESSAGE_BYTES - 100, Quoted.MAX_MESSAGE_BYTES);
      assertThat(bounded).contains("Bad: " + character).contains("characters left out");
      assertThat(bounded).endsWith(character + " Mend it.").doesNotContain("\ufffd");
    }
  }

  @Test
  void shortMessageStaysAsItIs() {
    assertThat(new ConfigException("Too big.").getMessage()).isEqualTo("Too big.");
  }
}
