package dev.penstock.spark.data;

import dev.penstock.datasets.shard.BatchReader;
import dev.penstock.datasets.shard.TokenRows;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.train.MicrobatchSource;
import dev.penstock.engine.train.TokenBatch;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/** Rows of the ingested shards, in the order that the seed gives. */
public final class ShardMicrobatches implements MicrobatchSource {
  private final BatchReader reader;

  private ShardMicrobatches(BatchReader reader) {
    this.reader = reader;
  }

  /** Opens the shards that were ingested for a run, for one of its data-parallel replicas. */
  public static ShardMicrobatches open(
      String folder, Configuration conf, TrainingConfig config, int dpRank) throws IOException {
    int rows = config.batch().rowsPerReplica(config.parallel());
    return new ShardMicrobatches(
        BatchReader.open(
            HadoopFolder.of(folder, conf),
            config.seed(),
            config.batch().globalBatchSize(),
            dpRank * rows,
            rows));
  }

  @Override
  public TokenBatch read(long step, int firstRow, int numRows) {
    return batch(reader.read(step, firstRow, numRows));
  }

  /** Rows as the engine has them. */
  static TokenBatch batch(TokenRows rows) {
    return new TokenBatch(
        rows.rows(),
        rows.seqLength(),
        rows.ids(),
        rows.labels(),
        rows.weights(),
        rows.documentStarts());
  }

  @Override
  public long numRows() {
    return reader.manifest().numSequences();
  }

  @Override
  public boolean variesInLength() {
    return reader.manifest().padToMultipleOf() > 0;
  }

  @Override
  public boolean weighted() {
    return reader.manifest().weighted();
  }

  @Override
  public void close() {
    reader.close();
  }
}
