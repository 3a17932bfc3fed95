package dev.penstock.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonPatternTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String QUERY = "model.layers.10.self_attn.q_proj";

  /** What Python 3.12 says: {@code bool(re.fullmatch(pattern, QUERY))}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "q_proj false",
        ".*q_proj true",
        ".*\\.q_proj$ true",
        "^model\\.layers\\.\\d+\\.self_attn\\.(q|k)_proj true",
        "model\\.layers\\.(?!10\\.)\\d+\\..* false",
        ".*(?<=attn\\.)q_proj true",
        ".*(?<!mlp\\.)q_proj\\Z true",
        "model\\.layers\\.[0-9]{1,}\\.(?P<block>self_attn|mlp)\\.\\w+ true",
        "model\\.layers\\.[^1]\\d?\\..* false",
        "(?i)MODEL.*Q_PROJ true",
        "(?:.*?(?:language|text).*?)|(?:\\bmodel\\.layers\\.[\\d]{1,}\\.(?:self_attn|mlp)\\.(?:q_proj)) true",
        "(model|layers|\\.|\\d|self_attn|q_proj)+ true",
        "model\\.layers\\.1{1,2}0?\\.self_attn.q_pro[a-j] true",
        "model\\.layers\\.(?=10)[]1]0\\.self_attn.q_proj true",
        "(.*\\.)?(^model.*)$ true",
        "model.{,9}0.* true"
      })
  void namesMatchAsInPython(String pattern, boolean expected) {
    assertThat(PythonPattern.parse(pattern).matches(QUERY)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "a{}b, a{}b, true",
    "'a{,}b', aaab, true",
    "a{2}b, aab, true",
    "a{2}b, ab, false",
    "'a{2,3}b', aaaab, false",
    "(a?){5}b, aab, true",
    "(a*)*b, aaab, true",
    "(a*)*b, aaac, false",
    "'a|b|', '', true",
    "a(?#note)b, ab, true",
    "[a\\-c]+, a-c, true",
    "[a\\-c]+, b, false",
    "x\\B, x, false",
    "[\\d_]+, 1_2, true",
    "[^\\d_]+, 1_2, false",
    "(?i:AB)c, abc, true",
    "(?i:AB)c, abC, false"
  })
  void textsMatchAsInPython(String pattern, String text, boolean expected) {
    assertThat(PythonPattern.parse(pattern).matches(text)).isEqualTo(expected);
  }

  @Test
  void dotIsNoLineBreakUnlessSaid() {
    assertThat(PythonPattern.parse("a.b").matches("a\nb")).isFalse();
    assertThat(PythonPattern.parse("(?s)a.b").matches("a\nb")).isTrue();
  }

  /** Each of these takes a backtracking engine longer than anyone waits. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+b",
        "(a|a)*b",
        "(a*)*(a*)*(a*)*(a*)*(a*)*b",
        "(?=(a+)+b)a*",
        "(a?){1000000000}b",
        "(((a?){1000000}){1000000}){1000000}b",
        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)b",
        "((a?|a?)(a?|a?)(a?|a?)(a?|a?)(a?|a?)(a?|a?)(a?|a?))*b"
      })
  void noPatternTakesLong(String pattern) {
    String text = "a".repeat(60);
    assertTimeoutPreemptively(
        SOON,
        () -> {
          PythonPattern parsed = PythonPattern.parse(pattern);
          assertThat(parsed.matches(text)).isFalse();
          assertThat(parsed.matches(text + "b")).isEqualTo(!pattern.startsWith("(?="));
        });
  }

  @Test
  void whatIsMatchedForAVeryLongTimeIsRefused() {
    PythonPattern pattern = PythonPattern.parse("(" + "(a?|a*)".repeat(400) + ")*b");
    String text = "a".repeat(2000);
    assertTimeoutPreemptively(
        SOON,
        () ->
            assertThatThrownBy(() -> pattern.matches(text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("takes too long"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "(a)\\1 ! back-reference \\1",
        "(?P<n>a)(?P=n) ! (?P=n, which is not supported",
        "(?>a) ! (?>a), which is not supported",
        "a++ ! possessive",
        "a** ! repeats a repetition",
        "*a ! repetition of nothing",
        "(a ! ( too many",
        "a) ! ) too many",
        "[a ! [ that does not end",
        "[b-a] ! range b-a",
        "a{3,2} ! at least 3 and at most 2",
        "a\\ ! ends with a backslash",
        "(?P<n ! does not end"
      })
  void whatIsNoPatternOrGoesBeyondIsNamed(String pattern, String reason) {
    assertThatThrownBy(() -> PythonPattern.parse(pattern))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("The pattern '" + pattern + "'", reason);
  }

  @Test
  void sizesAreBounded() {
    assertThatThrownBy(() -> PythonPattern.parse("(".repeat(3000)))
        .hasMessageContaining("more than 100 groups")
        .message()
        .hasSizeLessThan(400);
    assertThatThrownBy(() -> PythonPattern.parse("a".repeat(5000)))
        .hasMessageContaining("more than 4096 characters");
  }
}
