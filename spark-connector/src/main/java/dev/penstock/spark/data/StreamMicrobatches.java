package dev.penstock.spark.data;

import dev.penstock.datasets.shard.StreamFormat;
import dev.penstock.datasets.shard.StreamReader;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.StepSchedule;
import dev.penstock.engine.train.MicrobatchSource;
import dev.penstock.engine.train.TokenBatch;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;

/** Rows of a stream of shards that is being made, in the order that shards and seed give. */
public final class StreamMicrobatches implements MicrobatchSource {
  private final StreamReader reader;
  private final StreamFormat format;

  private StreamMicrobatches(StreamReader reader, StreamFormat format) {
    this.reader = reader;
    this.format = format;
  }

  /**
   * Opens the stream of a run, for one of its data-parallel replicas.
   *
   * @param folder where the shards are made
   * @param patience longest wait for a shard
   * @param ended whether the rank is to end
   */
  public static StreamMicrobatches open(
      String folder,
      Configuration conf,
      StreamFormat format,
      TrainingConfig config,
      int dpRank,
      Duration patience,
      BooleanSupplier ended)
      throws IOException {
    int rows = config.batch().rowsPerReplica(config.parallel());
    return new StreamMicrobatches(
        StreamReader.open(
            HadoopFolder.of(folder, conf),
            HadoopFolder.of(folder, conf),
            format,
            config.seed(),
            new StreamReader.Rows(config.batch().globalBatchSize(), dpRank * rows, rows, dpRank),
            patience,
            ended),
        format);
  }

  @Override
  public TokenBatch read(long step, int firstRow, int numRows) {
    return ShardMicrobatches.batch(reader.read(step, firstRow, numRows));
  }

  @Override
  public boolean endsWith(long step) {
    return reader.endsWith(step);
  }

  @Override
  public long numRows() {
    return StepSchedule.UNTIL_THEY_END;
  }

  @Override
  public boolean variesInLength() {
    return format.padToMultipleOf() > 0;
  }

  @Override
  public boolean weighted() {
    return format.weighted();
  }

  @Override
  public void close() {
    reader.close();
  }
}
