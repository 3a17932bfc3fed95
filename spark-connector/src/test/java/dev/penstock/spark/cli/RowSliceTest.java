package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.TestSpark;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class RowSliceTest {
  @ParameterizedTest
  @CsvSource({
    "train, train, 0123456789",
    "train[:3], train, 012",
    "train[7:], train, 789",
    "validation[2:5], validation, 234",
    "train[10%:30%], train, 12",
    "train[-3:], train, 789",
    "train[5:2], train, ''",
    "train[:100], train, 0123456789"
  })
  void rowsAreThoseOfHuggingFace(String text, String split, String expected) {
    RowSlice slice = RowSlice.parse(text);
    assertThat(slice.split()).isEqualTo(split);
    Dataset<Row> rows =
        TestSpark.texts("0", "1", "2", "3", "4", "5", "6", "7", "8", "9").coalesce(1);
    List<String> left =
        slice.of(rows).collectAsList().stream().map(row -> row.getString(0)).toList();
    assertThat(String.join("", left)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train[", "train[a:b]", "train+test", "0.9, 0.1", ""})
  void othersAreRefused(String text) {
    assertThatThrownBy(() -> RowSlice.parse(text)).isInstanceOf(ConfigException.class);
  }
}
