package dev.penstock.spark.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarkedTextTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void textIsReadBack(boolean validation) {
    for (String text : new String[] {" ", "w3f800000", "Im Anfang", "\u3042\ud83d\ude00"}) {
      String plain = MarkedText.of(text, validation);
      assertThat(MarkedText.kind(plain)).isEqualTo(RowKind.TEXT);
      assertThat(MarkedText.text(plain)).isEqualTo(text);
      assertThat(MarkedText.weight(plain)).isEqualTo(1);
      assertThat(MarkedText.isValidation(plain)).isEqualTo(validation);

      String weighted = MarkedText.of(text, validation, 0.1);
      assertThat(MarkedText.kind(weighted)).isEqualTo(RowKind.WEIGHTED_TEXT);
      assertThat(MarkedText.text(weighted)).isEqualTo(text);
      assertThat(MarkedText.weight(weighted)).isEqualTo(0.1);
      assertThat(MarkedText.isValidation(weighted)).isEqualTo(validation);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "NULL_TEXT,       ,   NaN",
    "EMPTY_TEXT,      '', -1",
    "NULL_WEIGHT,     a,  ",
    "INVALID_WEIGHT,  a,  NaN",
    "INVALID_WEIGHT,  a,  Infinity",
    "INVALID_WEIGHT,  a,  -1",
    "INVALID_WEIGHT,  a,  -1e-300",
    "ZERO_WEIGHT,     a,  0",
    "ZERO_WEIGHT,     a,  -0.0",
    "WEIGHTED_TEXT,   a,  1e300",
    "WEIGHTED_TEXT,   a,  1e-300",
  })
  void kindIsThatOfTheTextOrElseOfTheWeight(
      RowKind kind, @Nullable String text, @Nullable Double weight) {
    for (boolean validation : new boolean[] {false, true}) {
      String row = MarkedText.of(text, validation, weight);
      assertThat(MarkedText.kind(row)).isEqualTo(kind);
      assertThat(MarkedText.isValidation(row)).isEqualTo(validation);
    }
  }

  @Test
  void withoutWeightsTheTextAloneSaysTheKind() {
    assertThat(MarkedText.kind(MarkedText.of(null, true))).isEqualTo(RowKind.NULL_TEXT);
    assertThat(MarkedText.kind(MarkedText.of("", false))).isEqualTo(RowKind.EMPTY_TEXT);
    assertThat(MarkedText.of("a", false)).isEqualTo("ta");
  }
}
