package dev.penstock.spark;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** One local Spark for all tests of this JVM. */
public final class TestSpark {
  private TestSpark() {}

  /** Four task slots, heartbeats every second, no UI. */
  public static SparkSession session() {
    return SparkSession.builder()
        .master("local[4]")
        .appName("penstock-tests")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", 3)
        .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
        .config("spark.executor.heartbeatInterval", "1s")
        .config("spark.sql.warehouse.dir", Path.of("target", "warehouse").toUri().toString())
        .getOrCreate();
  }

  /** A frame with one string column, named text. */
  public static Dataset<Row> texts(String... texts) {
    List<Row> rows = Arrays.stream(texts).map(text -> RowFactory.create((Object) text)).toList();
    return session().createDataFrame(rows, new StructType().add("text", DataTypes.StringType));
  }
}
