package dev.penstock.spark.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.datasets.Sha256;
import dev.penstock.spark.TestSpark;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowOrderTest {
  /** The first half of the SHA-256 of the text, as sha256sum tells it. */
  private static final String HASH = "633d21a649b80004";

  private static final String TEXT = "In the beginning";

  @Test
  void hashOfTheTextSaysThePlace() {
    Row row =
        texts(TEXT)
            .select(
                RowOrder.beginning(col("row")), RowOrder.shard(RowOrder.beginning(col("row")), 7))
            .first();
    assertThat(row.getString(0)).isEqualTo(HASH);
    assertThat(row.getInt(1)).isEqualTo(1);
  }

  /** Half of all hashes are beyond what a long has. */
  @Test
  void rowsAreInTheShardsAndTheOrderOfTheirHashes() {
    List<String> texts = IntStream.range(0, 100).mapToObj(i -> "text " + i).toList();
    List<Row> placed =
        RowOrder.of(texts(texts.toArray(String[]::new)).repartition(5), 3)
            .withColumn("shard", spark_partition_id())
            .collectAsList();
    for (int shard = 0; shard < 3; shard++) {
      int wanted = shard;
      assertThat(placed.stream().filter(row -> row.getInt(2) == wanted).map(r -> r.getString(0)))
          .containsExactlyElementsOf(
              texts.stream()
                  .filter(
                      text ->
                          Long.remainderUnsigned(Long.parseUnsignedLong(hash(text), 16), 3)
                              == wanted)
                  .sorted(Comparator.comparing(RowOrderTest::hash))
                  .toList());
    }
  }

  private static String hash(String text) {
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }

  @Test
  void copiesGoWhereTheirNumberSays() {
    List<String> texts = List.of(TEXT, TEXT, TEXT, "b");
    List<String> places =
        new ArrayList<>(List.of(HASH, hash(HASH + "1"), hash(HASH + "2"), hash("b")));
    Collections.sort(places);
    List<Row> placed = RowOrder.of(texts(texts.toArray(String[]::new)), 1).collectAsList();
    assertThat(placed).hasSize(4);
    assertThat(placed.get(places.indexOf(hash("b"))).getString(0)).isEqualTo("b");
  }

  @Test
  void copiesAreNumberedByTheirWeights() {
    List<Double> weights = new ArrayList<>(List.of(1e-300, 1e-40, 0.25, 1.0, 1.5, 300.0, 1e300));
    List<Row> rows = new ArrayList<>();
    weights.forEach(weight -> rows.add(RowFactory.create(TEXT, weight)));
    Collections.shuffle(rows, new Random(7));
    List<Row> placed = RowOrder.of(frame(rows), 1).collectAsList();
    List<String> places =
        IntStream.range(0, weights.size())
            .mapToObj(i -> i == 0 ? HASH : hash(HASH + Integer.toHexString(i)))
            .toList();
    List<String> sorted = places.stream().sorted().toList();
    for (int i = 0; i < weights.size(); i++) {
      assertThat(placed.get(sorted.indexOf(places.get(i))).getDouble(1)).isEqualTo(weights.get(i));
    }
  }

  @Test
  void kindIsThatOfTheRowOrElseOfTheWeight() {
    assertKind("NULL_ROW", null, Double.NaN);
    assertKind("EMPTY_ROW", "", -1.0);
    assertKind("NULL_WEIGHT", "a", null);
    assertKind("INVALID_WEIGHT", "a", Double.NaN);
    assertKind("INVALID_WEIGHT", "a", Double.POSITIVE_INFINITY);
    assertKind("INVALID_WEIGHT", "a", -1.0);
    assertKind("INVALID_WEIGHT", "a", -1e-300);
    assertKind("ZERO_WEIGHT", "a", 0.0);
    assertKind("ZERO_WEIGHT", "a", -0.0);
    assertKind("KEPT", "a", 1e300);
    assertKind("KEPT", "a", 1e-300);
    assertThat(kind(null, null, false)).isEqualTo("NULL_ROW");
    assertThat(kind("", null, false)).isEqualTo("EMPTY_ROW");
    assertThat(kind("a", null, false)).isEqualTo("KEPT");
  }

  private static void assertKind(String kind, @Nullable String row, @Nullable Double weight) {
    assertThat(kind(row, weight, true)).isEqualTo(kind);
  }

  private static String kind(@Nullable String row, @Nullable Double weight, boolean weighted) {
    return frame(List.of(RowFactory.create(row, weight)))
        .select(RowKind.of(col("row"), col("weight"), weighted))
        .first()
        .getString(0);
  }

  private static Dataset<Row> texts(String... texts) {
    return frame(
        List.of(texts).stream().map(text -> RowFactory.create(text, (Double) null)).toList());
  }

  private static Dataset<Row> frame(List<Row> rows) {
    StructType schema =
        new StructType().add("row", DataTypes.StringType).add("weight", DataTypes.DoubleType);
    return TestSpark.session()
        .createDataFrame(rows, schema)
        .withColumn("kind", lit(RowKind.KEPT.name()));
  }
}
