package dev.penstock.spark.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PythonLiteralTest {
  @Test
  void numbersAreThoseOfPython() {
    assertThat(PythonLiteral.parse("1")).isEqualTo(1);
    assertThat(PythonLiteral.parse("+1")).isEqualTo(1);
    assertThat(PythonLiteral.parse("-1")).isEqualTo(-1);
    assertThat(PythonLiteral.parse("2_000")).isEqualTo(2000);
    assertThat(PythonLiteral.parse("0x10")).isEqualTo(16);
    assertThat(PythonLiteral.parse("0o10")).isEqualTo(8);
    assertThat(PythonLiteral.parse("0b11")).isEqualTo(3);
    assertThat(PythonLiteral.parse("3000000000")).isEqualTo(3_000_000_000L);
    assertThat(PythonLiteral.parse("1.0")).isEqualTo(1.0);
    assertThat(PythonLiteral.parse(".5")).isEqualTo(0.5);
    assertThat(PythonLiteral.parse("1e-5")).isEqualTo(1e-5);
    assertThat(PythonLiteral.parse("1_0.5_0")).isEqualTo(10.5);
    assertThat(PythonLiteral.parse("-1e2")).isEqualTo(-100.0);
    assertThat(PythonLiteral.parse("1e400")).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void wordsAreOnlyThoseOfTheCommandLine() {
    assertThat(PythonLiteral.parse("true")).isEqualTo(true);
    assertThat(PythonLiteral.parse("False")).isEqualTo(false);
    assertThat(PythonLiteral.parse("none")).isNull();
    assertThat(PythonLiteral.parse("None")).isNull();
  }

  @Test
  void listsTuplesAndMapsAreRead() {
    assertThat(PythonLiteral.parse("[1,2]")).isEqualTo(List.of(1, 2));
    assertThat(PythonLiteral.parse("(1,2)")).isEqualTo(List.of(1, 2));
    assertThat(PythonLiteral.parse("(1)")).isEqualTo(1);
    assertThat(PythonLiteral.parse("(1,)")).isEqualTo(List.of(1));
    assertThat(PythonLiteral.parse("1,2")).isEqualTo(List.of(1, 2));
    assertThat(PythonLiteral.parse("0.99, 0.01, 0.00")).isEqualTo(List.of(0.99, 0.01, 0.0));
    assertThat(PythonLiteral.parse("{'a':1}")).isEqualTo(Map.of("a", 1));
    assertThat(PythonLiteral.parse("['q','v']")).isEqualTo(List.of("q", "v"));
    assertThat(PythonLiteral.parse("[None, [True]]")).isEqualTo(Arrays.asList(null, List.of(true)));
    assertThat(PythonLiteral.parse("{1,2}")).isEqualTo(List.of(1, 2));
    assertThat(PythonLiteral.parse("\"x\"")).isEqualTo("x");
    assertThat(PythonLiteral.parse("'1'")).isEqualTo("1");
    assertThat(PythonLiteral.parse("'it\\'s'")).isEqualTo("it's");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRUE",
        "yes",
        "on",
        "no",
        "null",
        "NULL",
        "~",
        "",
        "[q_proj,v_proj]",
        "{a: 1}",
        "010",
        "inf",
        "nan",
        "10/2",
        "00:30:00",
        "1f1b",
        "fsdp2",
        "[1",
        "1,,2",
        "1_",
        "0x",
        "--1",
        "'a",
        "{1, 'a': 2}",
        "train[:128]",
        "*_proj",
        "[true]",
        "1 2"
      })
  void whatIsNoLiteralStaysText(String text) {
    assertThat(PythonLiteral.parse(text)).isEqualTo(text);
  }

  @Test
  void longOrDeepTextsStayText() {
    String digits = "1".repeat(1001);
    String deep = "[".repeat(500) + "]".repeat(500);
    assertThat(PythonLiteral.parse(digits)).isEqualTo(digits);
    assertThat(PythonLiteral.parse(deep)).isEqualTo(deep);
  }
}
