package dev.penstock.spark.data;

import dev.penstock.datasets.order.BlockLayout;
import dev.penstock.datasets.pack.PackingStats;
import dev.penstock.datasets.shard.ShardInfo;
import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.datasets.shard.ShardStore;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.HadoopShardStore;
import dev.penstock.spark.interop.JavaBytes;
import dev.penstock.spark.interop.SortedShuffle;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stages the texts of a frame as token shards. What comes out is a pure function of the set of
 * texts: the partitions of the frame, the order of its rows and the cluster change nothing.
 */
public final class TextStaging {
  private static final Logger log = LoggerFactory.getLogger(TextStaging.class);

  private final StagingSpec spec;

  public TextStaging(StagingSpec spec) {
    this.spec = spec;
  }

  /**
   * Reads the texts and writes shards and manifest.
   *
   * @param texts a text a row, or null; computed more than once
   * @throws ConfigException if there are rows that must not be, or none with a text
   */
  public StagedData stage(JavaRDD<String> texts) throws IOException {
    RowCounts rows = count(texts);
    check(rows);
    StagedData staged = write(JavaSparkContext.fromSparkContext(texts.context()), texts, rows);
    report(staged);
    return staged;
  }

  private static RowCounts count(JavaRDD<String> texts) {
    long[] counts =
        texts.aggregate(
            new long[3],
            (sum, text) -> {
              sum[0]++;
              sum[1] += text == null ? 1 : 0;
              sum[2] += text != null && text.isEmpty() ? 1 : 0;
              return sum;
            },
            (a, b) -> new long[] {a[0] + b[0], a[1] + b[1], a[2] + b[2]});
    return new RowCounts(counts[0], counts[1], counts[2]);
  }

  private void check(RowCounts rows) {
    if (rows.nullRows() > 0 && !spec.skipNulls()) {
      throw new ConfigException(
          ("Column '%s' (inputCol) is null in %d of %d %s. Drop them, or set handleInvalid to"
                  + " 'skip'.")
              .formatted(spec.column(), rows.nullRows(), rows.rows(), spec.rows()));
    }
    if (rows.usableRows() == 0) {
      throw new ConfigException(
          "Column '%s' (inputCol) has no text in any of %d %s."
              .formatted(spec.column(), rows.rows(), spec.rows()));
    }
  }

  private StagedData write(JavaSparkContext spark, JavaRDD<String> texts, RowCounts rows)
      throws IOException {
    int numShards = ShardPartitioner.numShards(rows.usableRows());
    Broadcast<byte[]> tokenizer = spark.broadcast(JavaBytes.of(spec.tokenizer()));
    Broadcast<SerializableConfiguration> conf =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    JavaRDD<String> keys = texts.filter(text -> text != null && !text.isEmpty()).map(RowKey::of);
    List<StageShard.Result> shards =
        SortedShuffle.of(keys, new ShardPartitioner(numShards))
            .mapPartitionsWithIndex(new StageShard(spec, tokenizer, conf), true)
            .collect()
            .stream()
            .map(bytes -> JavaBytes.read(bytes, StageShard.Result.class))
            .sorted(Comparator.comparingInt(StageShard.Result::shard))
            .toList();
    PackingStats stats =
        shards.stream().map(StageShard.Result::stats).reduce(PackingStats.NONE, PackingStats::plus);
    ShardStore store = HadoopShardStore.of(spec.folder(), spark.hadoopConfiguration());
    List<ShardInfo> infos = shards.stream().map(StageShard.Result::info).toList();
    checkVisible(store, infos);
    new ShardManifest(
            spec.packing().seqLength(),
            spec.vocabSize(),
            false,
            spec.tokenizer().sha256(),
            BlockLayout.forSeqLength(spec.packing().seqLength()),
            stats,
            infos)
        .write(store);
    return new StagedData(rows, stats, numShards);
  }

  private static void checkVisible(ShardStore store, List<ShardInfo> shards) throws IOException {
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

  private void report(StagedData staged) {
    PackingStats packing = staged.packing();
    log.info(
        "Staged {} {} ({} null, {} empty) in {} shards: {} tokens, {} sequences of {},"
            + " {} padding tokens, {} dropped",
        staged.rows().rows(),
        spec.rows(),
        staged.rows().nullRows(),
        staged.rows().emptyRows(),
        staged.shards(),
        packing.tokens(),
        packing.sequences(),
        spec.packing().seqLength(),
        packing.paddingTokens(),
        packing.droppedTokens());
  }
}
