package dev.penstock.spark.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RowKeyTest {
  /** The first half of the SHA-256 of the text, as sha256sum tells it. */
  private static final String HASH = "633d21a649b80004";

  private static final String TEXT = "In the beginning";

  @Test
  void hashOfTheTextAloneSaysThePlace() {
    for (String row : List.of(MarkedText.of(TEXT, false), MarkedText.of(TEXT, true, 0.3))) {
      String key = RowKey.of(row);
      assertThat(key).startsWith(HASH);
      assertThat(RowKey.row(key)).isEqualTo(row);
      assertThat(RowKey.shard(key, 7)).isEqualTo(1);
    }
  }

  @Test
  void rowsOfOneTextAreInTheOrderOfTheirWeights() {
    List<Double> weights = List.of(1e-300, 1e-40, 0.25, 1.0, 1.5, 300.0, 3e38, 1e300);
    List<String> keys =
        weights.stream().map(weight -> RowKey.of(MarkedText.of(TEXT, false, weight))).toList();
    assertThat(keys).isSorted();
    assertThat(keys.stream().map(RowKey::row).map(MarkedText::weight)).isEqualTo(weights);
  }

  @Test
  void rowsAreSortedByTheHash() {
    List<String> keys =
        Stream.of("b", "a", "aa").map(text -> RowKey.of(MarkedText.of(text, false))).toList();
    assertThat(keys.stream().sorted().map(RowKey::row).map(MarkedText::text))
        .containsExactly("b", "aa", "a"); // 3e23e816.., 961b6dd3.., ca978112..
  }
}
