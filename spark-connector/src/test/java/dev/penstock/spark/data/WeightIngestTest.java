package dev.penstock.spark.data;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.Sha256;
import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.shard.TokenRows;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.TestSpark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class WeightIngestTest {
  private static final String WEIGHTED = "weight";

  /** SHA-256 of ids and weights in the order of a seed. */
  private static final String ORDER =
      "25d6279085c51533e3f48c088dd4a0456c68e0deb4d0fb4595aaa57ff165f530";

  @TempDir Path folder;

  private TestIngest ingest;

  @BeforeEach
  void makeStaging() {
    ingest = new TestIngest(folder);
  }

  @Test
  void partitionsAndRowOrderChangeNothing() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (int copy = 0; copy < 25; copy++) {
      for (String verse : TestingData.verses()) {
        String text = copy % 5 == 0 ? verse : verse + " " + copy; // some of them more than once
        rows.add(row(text, 0.25 * (copy + 1)));
      }
    }
    IngestedData first = ingest.ingest("a", frame(rows).repartition(1), WEIGHTED, false);
    Collections.shuffle(rows, new Random(7));
    IngestedData second = ingest.ingest("b", frame(rows).repartition(5), WEIGHTED, false);

    assertThat(first.shards()).isEqualTo(2);
    assertThat(second).isEqualTo(first);
    assertThat(ingest.read("b").ids()).isEqualTo(ingest.read("a").ids());
    assertThat(ingest.read("b").weights()).isEqualTo(ingest.read("a").weights());
  }

  /** Sorted by the hash of the text, copies spread by hash and number: recorded, not to change. */
  @Test
  void orderIsThatOfTheHashes() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (int copy = 0; copy < 25; copy++) {
      for (String verse : TestingData.verses()) {
        String text = copy % 5 == 0 ? verse : verse + " " + copy;
        rows.add(row(text, copy % 3 == 0 ? 0.5 : 0.25 * (copy + 1)));
      }
    }
    ingest.ingest("a", frame(rows).repartition(3), WEIGHTED, false);
    TokenRows read = ingest.read("a");
    ByteBuffer bytes = ByteBuffer.allocate(8 * read.ids().length);
    bytes.asIntBuffer().put(read.ids());
    bytes.position(4 * read.ids().length).asFloatBuffer().put(read.weights());
    assertThat(Sha256.hex(bytes.array())).isEqualTo(ORDER);
  }

  @Test
  void eachTokenWeighsAsItsText() throws IOException {
    Dataset<Row> rows = frame(row("In the beginning", 0.5), row("God created", 3.0));
    ingest.ingest("a", rows, WEIGHTED, false);

    TokenRows ingested = ingest.read("a");
    List<Float> weights = new ArrayList<>();
    for (int i = 0; ingested.labels()[i] != TokenSequence.IGNORE; i++) {
      if (ingested.documentStarts().get(i)) {
        weights.add(ingested.weights()[i]);
      }
      assertThat(ingested.weights()[i]).isEqualTo(weights.get(weights.size() - 1));
    }
    assertThat(weights).containsExactlyInAnyOrder((float) (0.5 / 3), 1f);
  }

  @Test
  void weightsChangeNeitherTokensNorOrder() throws IOException {
    List<Row> rows = TestingData.verses().stream().map(text -> row(text, 2.0)).toList();
    IngestedData weighted = ingest.ingest("a", frame(rows), WEIGHTED, false);
    assertThat(ingest.ingest("b", frame(rows), (String) null, false)).isEqualTo(weighted);

    assertThat(ingest.manifest("a").weighted()).isTrue();
    assertThat(ingest.manifest("b").weighted()).isFalse();
    assertThat(ingest.read("a").ids()).isEqualTo(ingest.read("b").ids());
    assertThat(ingest.read("a").labels()).isEqualTo(ingest.read("b").labels());
    assertThat(ingest.read("b").weights()).isNull();
  }

  @Test
  void rowsOfWeightZeroAreLeftOutAndCounted() throws IOException {
    Dataset<Row> rows = frame(row("In the beginning", 2.0), row("God created", 0.0));
    IngestedData ingested = ingest.ingest("a", rows, WEIGHTED, false);
    assertThat(ingested.rows()).isEqualTo(new RowCounts(2, 0, 0, 0, 0, 1));
    ingest.ingest("b", frame(row("In the beginning", 2.0)), WEIGHTED, false);
    assertThat(ingest.read("a").ids()).isEqualTo(ingest.read("b").ids());
    assertThat(ingest.read("a").weights()).isEqualTo(ingest.read("b").weights());
  }

  @Test
  void nullWeightsAreAnErrorOrCounted() throws IOException {
    Dataset<Row> rows = frame(row("In", 2.0), row("the", null), row(null, null), row("", -1.0));
    assertRefused(
            rows.filter("text is not null"), "Column 'weight' (weightCol) is null in 1 of 3 rows")
        .hasMessageContaining("handleInvalid");
    assertThat(ingest.ingest("b", rows, WEIGHTED, true).rows())
        .isEqualTo(new RowCounts(4, 1, 1, 1, 0, 0));
  }

  @Test
  void weightsThatAreNoneAreRefused() {
    Dataset<Row> rows =
        frame(
            row("In", Double.NaN),
            row("the", Double.POSITIVE_INFINITY),
            row("beginning", -0.5),
            row("God", 1.0));
    assertRefused(rows, "Column 'weight' (weightCol) is NaN, infinite or negative in 3 of 4 rows");
  }

  @Test
  void someWeightMustBeAboveZero() throws IOException {
    assertRefused(
        frame(row("In", 0.0), row("the", 0.0), row("", 1.0)),
        "Column 'weight' (weightCol) is above 0 in none of the 2 rows that have text: it is 0 in 2"
            + " and null in 0");
    assertRefused(frame(row("", 0.0)), "Column 'text' (inputCol) has no text in any of 1 rows");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinyint", "smallint", "int", "bigint", "float", "decimal(10,2)"})
  void anyNumericTypeWillDo(String type) throws IOException {
    Dataset<Row> rows = frame(row("In the beginning", 3.0), row("God created", 12.0));
    ingest.ingest("a", rows.withColumn("weight", col("weight").cast(type)), WEIGHTED, false);
    assertThat(ingest.read("a").weights()).contains(0.25f, 1f);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 0.1, 1e36, 1e-44, 1e300, 1e-300})
  void equalWeightsOfAnySizeAreOne(double weight) throws IOException {
    List<Row> rows = TestingData.verses().stream().map(text -> row(text, weight)).toList();
    ingest.ingest("a", frame(rows), WEIGHTED, false);
    assertThat(ingest.read("a").weights()).containsOnly(1f);
  }

  @Test
  void weightFarBelowTheOthersStillCounts() throws IOException {
    ingest.ingest("a", frame(row("In", 1e-300), row("God created", 1e300)), WEIGHTED, false);
    assertThat(ingest.read("a").weights()).contains(1e-30f, 1f);
  }

  private AbstractThrowableAssert<?, ?> assertRefused(Dataset<Row> rows, String message) {
    var refusal =
        assertThatThrownBy(() -> ingest.ingest("refused", rows, WEIGHTED, false))
            .isInstanceOf(ConfigException.class)
            .hasMessageContaining(message);
    assertThat(folder.resolve("refused")).doesNotExist();
    return refusal;
  }

  private static Row row(@Nullable String text, @Nullable Double weight) {
    return RowFactory.create(text, weight);
  }

  private static Dataset<Row> frame(Row... rows) {
    return frame(List.of(rows));
  }

  private static Dataset<Row> frame(List<Row> rows) {
    StructType schema =
        new StructType().add("text", DataTypes.StringType).add("weight", DataTypes.DoubleType);
    return TestSpark.session().createDataFrame(rows, schema);
  }
}
