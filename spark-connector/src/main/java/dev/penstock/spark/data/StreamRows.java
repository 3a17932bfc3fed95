package dev.penstock.spark.data;

import dev.penstock.datasets.shard.ShardTotals;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.JavaBytes;
import dev.penstock.spark.interop.TaskProfile;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a frame as a stream: each of its partitions becomes a shard, whenever one is asked
 * for. Nothing of them is kept.
 */
public final class StreamRows {
  private final IngestSpec spec;
  private final JavaSparkContext spark;
  private final JavaRDD<Row> rows;
  private final Broadcast<byte[]> tokenizer;
  private final Broadcast<SerializableConfiguration> conf;

  private StreamRows(IngestSpec spec, JavaSparkContext spark, JavaRDD<Row> rows) {
    this.spec = spec;
    this.spark = spark;
    this.rows = rows;
    this.tokenizer = spark.broadcast(JavaBytes.of(spec.tokenizer()));
    this.conf = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
  }

  /**
   * The rows to train on, which are not computed yet; only what comes before the last shuffle of
   * the frame's plan may be.
   *
   * @throws ConfigException if the frame has no partitions
   */
  public static StreamRows of(Dataset<?> dataset, IngestSpec spec) {
    JavaSparkContext spark =
        JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
    JavaRDD<Row> rows = IngestRows.inPlace(dataset, spec.source()).javaRDD();
    if (rows.getNumPartitions() == 0) {
      throw new ConfigException("The frame has no partitions, and so no rows to train on.");
    }
    return new StreamRows(spec, spark, rows);
  }

  /** How they become shards. */
  public IngestSpec spec() {
    return spec;
  }

  /** How many shards they become. */
  public int partitions() {
    return rows.getNumPartitions();
  }

  /** Makes shards, each in a Spark job of its own; any thread may. */
  public interface Maker {
    /**
     * Makes the shard of a partition.
     *
     * @throws ConfigException if its rows cannot be ingested
     */
    StreamedShard make(int partition);
  }

  /**
   * What makes shards.
   *
   * @param folder where they go, on a Hadoop file system that all executors reach
   * @param profile what a task takes of its executor
   */
  public Maker into(String folder, TaskProfile profile) {
    IngestShard writing = new IngestShard(spec, folder, 1, tokenizer, conf);
    JavaRDD<byte[]> shards = profile.of(rows.mapPartitions(new StreamShardTask(spec, writing)));
    return partition -> make(shards, partition);
  }

  private StreamedShard make(JavaRDD<byte[]> shards, int partition) {
    try {
      List<byte[]> made = shards.collectPartitions(new int[] {partition})[0];
      return JavaBytes.read(made.get(0), StreamedShard.class);
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
      @Nullable ConfigException refusal = RowIngest.refusal(spec, e);
      if (refusal != null) {
        throw refusal;
      }
      throw e;
    }
  }

  /** Nothing yet, to add shards to. */
  public static ShardTotals none() {
    return ShardTotals.none(RowKind.values().length);
  }

  /**
   * Refuses the rows once all have been read.
   *
   * @throws ConfigException if there was nothing to ingest, or no token of it counts
   */
  public void check(ShardTotals all) {
    if (all.packing().sequences() == 0) {
      RowCheck.check(spec, counts(all));
      RowCheck.checkReadable(spec, counts(all), all.packing().documents());
      throw new ConfigException(
          "The %s have no tokens: nothing is left of them once they are tokenized."
              .formatted(spec.rows()));
    }
    RowIngest.checkLabels(spec, all.labels());
  }

  private static RowCounts counts(ShardTotals totals) {
    return RowCounts.of(totals.rows().stream().mapToLong(Long::longValue).toArray());
  }

  /** What became of the rows of some shards. */
  public static IngestedData describe(ShardTotals totals) {
    return new IngestedData(counts(totals), totals.packing(), totals.shards());
  }

  /** Frees what executors hold of it. */
  public void close() {
    tokenizer.destroy();
    conf.destroy();
  }
}
