package dev.penstock.spark.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VariablesTest {
  private static final Variables VARIABLES =
      new Variables(Map.of("A", "1", "a.b", "dotted", "HF_TOKEN", "hf_x", "E", "")::get);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "${A} | 1",
        "$A | 1",
        "x-${A}/y | x-1/y",
        "${oc.env:A} | 1",
        "${env:A} | 1",
        "${ A } | 1",
        "${B,2} | 2",
        "${B, 2 } | 2",
        "${oc.env:B,a/b} | a/b",
        "$a.b | dotted",
        "${A,9} | 1",
        "${B,}| ''",
        "${E} | ''",
        "$5 | $5",
        "a $ b | a $ b"
      })
  void variablesArePutIn(String text, String expected) {
    assertThat(VARIABLES.replace(text).text()).isEqualTo(expected);
    assertThat(VARIABLES.replace(text).missing()).isNull();
  }

  @Test
  void whatIsNotSetIsNamed() {
    assertThat(VARIABLES.replace("${A}-${B}-${C}").missing()).isEqualTo("B");
    assertThat(VARIABLES.replace("${a.c}").missing()).isEqualTo("a.c");
    assertThat(VARIABLES.replace("${B:-x}").missing()).isEqualTo("B:-x");
  }

  @Test
  void secretsAreToldByTheirName() {
    assertThat(VARIABLES.replace("${HF_TOKEN}").secret()).isTrue();
    assertThat(VARIABLES.replace("${A}").secret()).isFalse();
  }
}
