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
import java.util.Arrays;
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
 * Stages the texts of a frame, and their weights if there are any, as token shards. What comes out
 * is a pure function of the set of rows: the partitions of the frame, the order of its rows and the
 * cluster change nothing.
 *
 * <p>Rows of weight 0 are left out, as if they were not in the frame.
 */
public final class TextStaging {
  private static final Logger log = LoggerFactory.getLogger(TextStaging.class);

  private final StagingSpec spec;

  public TextStaging(StagingSpec spec) {
    this.spec = spec;
  }

  /**
   * Reads the rows and writes shards and manifest.
   *
   * @param rows those of {@link TextRows}; computed more than once
   * @throws ConfigException if there are rows that must not be, or none to stage
   */
  public StagedData stage(JavaRDD<String> rows) throws IOException {
    RowCounts counts = count(rows);
    RowCheck.check(spec, counts);
    StagedData staged = write(JavaSparkContext.fromSparkContext(rows.context()), rows, counts);
    report(staged);
    return staged;
  }

  private static RowCounts count(JavaRDD<String> rows) {
    return RowCounts.of(
        rows.aggregate(
            new long[RowKind.values().length],
            (counts, row) -> {
              counts[MarkedText.kind(row).ordinal()]++;
              return counts;
            },
            (a, b) -> {
              Arrays.setAll(a, kind -> a[kind] + b[kind]);
              return a;
            }));
  }

  private StagedData write(JavaSparkContext spark, JavaRDD<String> rows, RowCounts counts)
      throws IOException {
    int numShards = ShardPartitioner.numShards(counts.usableRows());
    Broadcast<byte[]> tokenizer = spark.broadcast(JavaBytes.of(spec.tokenizer()));
    Broadcast<SerializableConfiguration> conf =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    JavaRDD<String> keys = rows.filter(row -> MarkedText.kind(row).isStaged()).map(RowKey::of);
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
            spec.columns().weighted(),
            spec.tokenizer().sha256(),
            BlockLayout.forSeqLength(spec.packing().seqLength()),
            stats,
            infos)
        .write(store);
    return new StagedData(counts, stats, numShards);
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
        "Staged {} {} ({} null, {} empty, {} without weight) in {} shards: {} tokens, {} sequences of {},"
            + " {} padding tokens, {} dropped",
        staged.rows().rows(),
        spec.rows(),
        staged.rows().nullRows(),
        staged.rows().emptyRows(),
        staged.rows().nullWeightRows() + staged.rows().zeroWeightRows(),
        staged.shards(),
        packing.tokens(),
        packing.sequences(),
        spec.packing().seqLength(),
        packing.paddingTokens(),
        packing.droppedTokens());
  }
}
