package dev.penstock.spark.interop;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.spark_partition_id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.TestSpark;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionKeysTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void everyRowIsWhereItsNumberSays(int partitions) {
    Dataset<Row> rows =
        TestSpark.session()
            .range(500)
            .select(col("id").mod(partitions).cast("int").as("wanted"), col("id"));
    Dataset<Row> sent = PartitionKeys.repartition(rows, partitions, col("wanted"));
    assertThat(sent.rdd().getNumPartitions()).isEqualTo(partitions);
    assertThat(sent.columns()).containsExactly("wanted", "id");
    assertThat(sent.count()).isEqualTo(500);
    assertThat(sent.filter(spark_partition_id().notEqual(col("wanted"))).count()).isZero();
  }
}
