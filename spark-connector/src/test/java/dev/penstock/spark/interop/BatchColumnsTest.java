package dev.penstock.spark.interop;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.TestSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchColumnsTest {
  private static final StructType ADDED =
      new StructType()
          .add("size", DataTypes.DoubleType, true)
          .add("place", DataTypes.LongType, false);

  /** What the tasks of this JVM computed: the rows of each batch. */
  private static final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());

  private final SparkSession spark = TestSpark.session();

  /** The length of a text; null for none. */
  private static final class Size implements BatchFunction {
    private static final long serialVersionUID = 1L;

    @Override
    public List<Object[]> apply(
        List<@Nullable String> texts, RowPlace place, LongConsumer progress) {
      batches.add(texts.size());
      List<Object[]> values = new ArrayList<>();
      for (String text : texts) {
        Double size = text == null ? null : (double) text.length();
        size = "NaN".equals(text) ? (Double) Double.NaN : size;
        values.add(new Object[] {size, place.row() + values.size()});
        progress.accept(text == null ? 0 : text.length());
      }
      return values;
    }

    @Override
    public String unit() {
      return "characters";
    }
  }

  @BeforeEach
  void forget() {
    batches.clear();
  }

  private static Dataset<Row> sized(Dataset<?> frame, String input) {
    return BatchColumns.append(frame, frame.col(input), ADDED, "size", new Size());
  }

  private Dataset<Row> wide(Path folder, int rows) {
    spark
        .range(0, rows, 1, 1)
        .selectExpr(
            "concat('text ', id) as text",
            "id as ref",
            "repeat('x', 100) as blob",
            "id % 100 as grp")
        .write()
        .parquet(folder.toString());
    return spark.read().parquet(folder.toString());
  }

  private static int rowsComputed() {
    return batches.stream().mapToInt(Integer::intValue).sum();
  }

  @Test
  void rowsGoThroughInBatchesAndKeepTheirValues() {
    Dataset<Row> frame =
        spark.range(0, 700, 1, 1).selectExpr("if(id = 5, null, repeat('a', id)) as text", "id");

    List<Row> rows = sized(frame, "text").collectAsList();

    assertThat(batches).containsExactly(32, 64, 128, 256, 220);
    assertThat(rows).hasSize(700);
    for (int id = 0; id < rows.size(); id++) {
      Row row = rows.get(id);
      assertThat(row.getLong(1)).isEqualTo(id);
      assertThat(row.<Double>getAs("size")).isEqualTo(id == 5 ? null : (Double) (double) id);
      assertThat(row.<Long>getAs("place")).isEqualTo(id);
    }
  }

  @Test
  void thePlanReadsWhatIsAskedForAndFiltersBelow(@TempDir Path folder) {
    Dataset<Row> query =
        sized(wide(folder.resolve("wide"), 2_000), "text").where("grp = 3").select("size");

    assertThat(query.collectAsList()).hasSize(20);

    assertThat(rowsComputed()).isEqualTo(20);
    String plan = query.queryExecution().executedPlan().toString();
    assertThat(plan)
        .contains("Batch size_", "PushedFilters: [IsNotNull(grp), EqualTo(grp,3)]")
        .containsPattern("ReadSchema: struct<text:string,grp:(big)?int>")
        .doesNotContain("MapPartitions", "DeserializeToObject");
  }

  @Test
  void filtersOfTheAddedColumnsComputeNothingTwice(@TempDir Path folder) {
    Dataset<Row> query =
        sized(wide(folder.resolve("wide"), 300), "text").where(col("size").gt(7.0));

    assertThat(query.count()).isEqualTo(200);
    assertThat(rowsComputed()).isEqualTo(300);
  }

  @Test
  void columnsThatNobodyReadsAreNotComputed(@TempDir Path folder) {
    Dataset<Row> sized = sized(wide(folder.resolve("wide"), 300), "text");

    assertThat(sized.count()).isEqualTo(300);
    assertThat(sized.select("ref").collectAsList()).hasSize(300);

    assertThat(batches).isEmpty();
    assertThat(sized.select("ref").queryExecution().executedPlan().toString())
        .contains("ReadSchema: struct<ref:bigint>");
  }

  @Test
  void shufflesCachesAndTwoFunctionsInOnePlanWork() {
    Dataset<Row> frame = spark.range(0, 300, 1, 3).selectExpr("repeat('a', id % 7) as text", "id");
    StructType others =
        new StructType().add("size2", DataTypes.DoubleType).add("place2", DataTypes.LongType);
    Dataset<Row> once = sized(frame, "text");
    Dataset<Row> twice =
        BatchColumns.append(once, once.col("text"), others, "again", new Size()).cache();

    assertThat(twice.where("size = size2").count()).isEqualTo(300);
    assertThat(twice.groupBy("size").count().count()).isEqualTo(7);
    assertThat(
            twice.join(twice.select("id", "size2").withColumnRenamed("size2", "s"), "id").count())
        .isEqualTo(300);
    assertThat(rowsComputed()).isEqualTo(600);
    twice.unpersist();
  }

  @Test
  void valuesThatAreNoNumberAreCounted() {
    Dataset<Row> rows =
        sized(spark.range(0, 90, 1, 2).selectExpr("if(id % 9 = 0, 'NaN', 'a') as text"), "text");

    assertThat(rows.where("isnan(size)").collectAsList()).hasSize(10);

    SparkPlan plan = rows.queryExecution().executedPlan();
    assertThat(plan.execute().toJavaRDD().count()).isEqualTo(90);
    assertThat(plan.metrics().apply("numNotFiniteRows").value()).isEqualTo(10);
    assertThat(plan.metrics().apply("done").value()).isEqualTo(80 + 3 * 10);
  }

  /** As it is where the strategy does not know the Spark it runs in. */
  @Test
  void withoutTheStrategyRowsComeOneByOne() {
    Dataset<Row> frame = spark.range(0, 50, 1, 1).selectExpr("repeat('a', id) as text");
    SparkSession other = spark.newSession();
    Dataset<Row> sized =
        sized(other.range(0, 50, 1, 1).selectExpr("repeat('a', id) as text"), "text");
    other.experimental().extraStrategies_$eq(spark.newSession().experimental().extraStrategies());

    List<Row> rows = sized.collectAsList();

    assertThat(batches).hasSize(50).containsOnly(1);
    assertThat(rows).extracting(row -> row.<Double>getAs("size")).contains(0.0, 49.0);
    assertThat(sized(frame, "text").schema()).isEqualTo(sized.schema());
  }

  @Test
  void theRowsOfAStreamAreBatchesToo(@TempDir Path folder) throws Exception {
    Path source = folder.resolve("wide");
    Dataset<Row> frame = wide(source, 100);
    Dataset<Row> stream = spark.readStream().schema(frame.schema()).parquet(source.toString());

    var query = sized(stream, "text").writeStream().format("memory").queryName("sizes").start();
    query.processAllAvailable();
    query.stop();

    assertThat(spark.table("sizes").where("size = length(text)").count()).isEqualTo(100);
    assertThat(batches).containsExactly(32, 64, 4);
  }
}
