package dev.penstock.spark.fit;

import dev.penstock.datasets.order.StreamOrder;
import dev.penstock.datasets.shard.ShardTotals;
import dev.penstock.datasets.shard.StreamFormat;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.spark.barrier.CheckpointSpec;
import dev.penstock.spark.barrier.FreeSlots;
import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.data.IngestedData;
import dev.penstock.spark.data.StreamRows;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.stream.StreamLedger;
import dev.penstock.spark.stream.StreamProducer;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** The rows of a fit as a stream, of which each attempt makes what it needs. */
final class StreamedData implements FitData.Training {
  private final String runId;
  private final StreamRows rows;
  private final String scratch;
  private final int ahead;
  private final Configuration conf;
  private ShardTotals read = StreamRows.none();

  /**
   * @param scratch folder for the shards, on storage that all hosts share
   * @param ahead the Param streamAhead
   */
  StreamedData(String runId, StreamRows rows, String scratch, int ahead, Configuration conf) {
    this.runId = runId;
    this.rows = rows;
    this.scratch = scratch;
    this.ahead = ahead;
    this.conf = conf;
  }

  StreamFormat format() {
    return rows.spec().streamFormat(rows.partitions());
  }

  @Override
  public String fingerprint() {
    return String.format(
        Locale.ROOT,
        "%s of %d partitions, %s",
        FitIdentity.STREAM,
        rows.partitions(),
        rows.spec().streamDigest(rows.partitions()));
  }

  /** What became of the rows that were read so far. */
  @Override
  public IngestedData ingested() {
    return StreamRows.describe(read);
  }

  /**
   * The stream of one attempt; the caller closes it.
   *
   * @param name that no other attempt has
   * @param config the run as it is in this attempt
   * @param own checkpoints that are made; null: none are
   * @param spec what the ranks are told of them
   * @param lines told when ranks wait for data
   */
  Attempt attempt(
      String name,
      TrainingConfig config,
      FreeSlots free,
      @Nullable RunCheckpoints own,
      @Nullable CheckpointSpec spec,
      Consumer<String> lines)
      throws IOException {
    StreamProducer.Notes notes =
        own == null || spec == null ? null : notes(own, spec, config.batch().globalBatchSize());
    HadoopFolder folder = HadoopFolder.of(new Path(scratch, name).toString(), conf);
    int ranks = config.parallel().worldSize();
    int tasks = Math.max(1, Math.min(free.of(ranks), StreamOrder.WINDOW_SHARDS + ahead));
    StreamProducer producer =
        new StreamProducer(
            runId,
            rows,
            new StreamProducer.Options(
                folder, free.others(), tasks, ahead, config.parallel().dpSize()),
            notes,
            lines);
    return new Attempt(folder.location(), producer);
  }

  private StreamProducer.Notes notes(RunCheckpoints own, CheckpointSpec spec, int batch)
      throws IOException {
    StreamLedger ledger = own.ledger();
    String folder = spec.resumeFolder();
    StreamLedger before = null;
    if (folder != null && !spec.resumeSteps().isEmpty()) {
      before = folder.equals(own.location()) ? ledger : RunCheckpoints.ledger(folder, conf);
    }
    return new StreamProducer.Notes(ledger, before, () -> own.oldestStep() * batch);
  }

  /** The stream of one attempt. */
  final class Attempt implements AutoCloseable {
    private final String folder;
    private final StreamProducer producer;
    private boolean started;

    private Attempt(String folder, StreamProducer producer) {
      this.folder = folder;
      this.producer = producer;
    }

    /** Where the ranks read. */
    String folder() {
      return folder;
    }

    /**
     * Called now and again while the ranks run, by one thread.
     *
     * @throws RuntimeException if the stream cannot go on
     */
    void poll() {
      if (!started) {
        started = true;
        producer.start();
      }
      Throwable failure = producer.failure();
      if (failure instanceof ConfigException refused) {
        throw refused;
      }
      if (failure != null) {
        throw TrainingFailedException.tokenizing(failure);
      }
    }

    /** The ranks have read so many sequences. */
    void read(long sequences) {
      read = producer.throughWindowOf(sequences);
    }

    @Override
    public void close() {
      producer.close();
    }
  }
}
