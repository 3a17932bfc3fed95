package dev.penstock.spark.data;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.order.BlockLayout;
import dev.penstock.datasets.pack.PackingStats;
import dev.penstock.datasets.shard.ShardInfo;
import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.interop.JavaBytes;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ingests the rows of a frame, and their weights if there are any, as token shards. What comes out
 * is a pure function of the set of rows: the partitions of the frame, the order of its rows and the
 * cluster change nothing.
 *
 * <p>Rows of weight 0 are left out, as if they were not in the frame.
 */
public final class RowIngest {
  private static final Logger log = LoggerFactory.getLogger(RowIngest.class);

  private final IngestSpec spec;

  public RowIngest(IngestSpec spec) {
    this.spec = spec;
  }

  /** How. */
  public IngestSpec spec() {
    return spec;
  }

  /**
   * Reads the rows, and checks what can be checked without tokenizing them.
   *
   * @param rows those of {@link IngestRows}
   * @throws ConfigException if there are rows that must not be, or none to ingest
   */
  public RowTally tally(Dataset<Row> rows) {
    RowTally tally = RowTally.of(rows);
    RowCheck.check(spec, tally.counts());
    return tally;
  }

  /**
   * Reads the rows and writes shards and manifest.
   *
   * @param rows those of {@link IngestRows}; computed more than once
   * @param tally what they are
   * @param folder where the shards go, on a Hadoop file system that all executors reach
   */
  public void ingest(Dataset<Row> rows, RowTally tally, String folder) throws IOException {
    write(
        JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext()), rows, tally, folder);
  }

  /**
   * What became of rows whose shards are there.
   *
   * @param manifest that of the shards
   */
  public IngestedData describe(RowTally tally, ShardManifest manifest) {
    IngestedData ingested =
        new IngestedData(tally.counts(), manifest.stats(), manifest.shards().size());
    report(ingested);
    return ingested;
  }

  private void write(JavaSparkContext spark, Dataset<Row> rows, RowTally tally, String folder)
      throws IOException {
    int numShards = RowOrder.numShards(tally.counts().usableRows());
    Broadcast<byte[]> tokenizer = spark.broadcast(JavaBytes.of(spec.tokenizer()));
    Broadcast<SerializableConfiguration> conf =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    IngestShard writing = new IngestShard(spec, folder, tally.largestWeight(), tokenizer, conf);
    List<IngestShard.Result> shards =
        results(RowOrder.of(rows, numShards).mapPartitions(writing, Encoders.BINARY()));
    PackingStats stats =
        shards.stream()
            .map(IngestShard.Result::stats)
            .reduce(PackingStats.NONE, PackingStats::plus);
    RowCheck.checkReadable(spec, tally.counts(), stats.documents());
    checkLabels(spec, shards.stream().mapToLong(IngestShard.Result::labels).sum());
    Folder store = HadoopFolder.of(folder, spark.hadoopConfiguration());
    List<ShardInfo> infos = shards.stream().map(IngestShard.Result::info).toList();
    checkVisible(store, infos);
    new ShardManifest(
            spec.packing().seqLength(),
            spec.vocabSize(),
            spec.source().weighted(),
            spec.rowPadding(),
            spec.tokenizer().sha256(),
            BlockLayout.forSeqLength(spec.packing().seqLength()),
            stats,
            infos)
        .write(store);
  }

  /** Refuses rows of which nothing is to be learnt. */
  static void checkLabels(IngestSpec spec, long labels) {
    if (labels == 0 && !spec.source().form().isEnded()) {
      throw new ConfigException(
          "Of all %s no token counts in the loss: no conversation has a turn of the assistant, no prompt a completion, or all labels are -100. Give other rows."
              .formatted(spec.rows()));
    }
  }

  private List<IngestShard.Result> results(Dataset<byte[]> shards) {
    try {
      return shards.collectAsList().stream()
          .map(bytes -> JavaBytes.read(bytes, IngestShard.Result.class))
          .sorted(Comparator.comparingInt(IngestShard.Result::shard))
          .toList();
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
      ConfigException refusal = refusal(spec, e);
      if (refusal != null) {
        throw refusal;
      }
      throw e;
    }
  }

  /** What a task has against its rows; null if it failed for another reason. */
  static @Nullable ConfigException refusal(IngestSpec spec, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof DatasetException) {
        return new ConfigException(
            "Of the %s: %s".formatted(spec.rows(), cause.getMessage()), failure);
      }
    }
    return null;
  }

  private static void checkVisible(Folder store, List<ShardInfo> shards) throws IOException {
    Set<String> names = Set.copyOf(store.list());
    for (ShardInfo shard : shards) {
      if (!names.contains(shard.name())) {
        throw new ConfigException(
            ("An executor wrote %s to %s, but the driver does not find it there. Set stagingDir"
                    + " and outputPath to storage that all hosts share.")
                .formatted(shard.name(), store.location()));
      }
    }
  }

  private void report(IngestedData ingested) {
    PackingStats packing = ingested.packing();
    log.info(
        "Ingested {} {} ({} null, {} empty, {} without weight, {} unreadable) in {} shards: {} tokens, {}"
            + " sequences of {}, {} padding tokens, {} dropped of {} rows that were too long",
        ingested.rows().rows(),
        spec.rows(),
        ingested.rows().nullRows(),
        ingested.rows().emptyRows(),
        ingested.rows().nullWeightRows() + ingested.rows().zeroWeightRows(),
        ingested.unreadableRows(),
        ingested.shards(),
        packing.tokens(),
        packing.sequences(),
        spec.packing().seqLength(),
        packing.paddingTokens(),
        packing.droppedTokens(),
        packing.truncatedDocuments());
  }
}
