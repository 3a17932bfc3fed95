package dev.penstock.spark.data;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.format.RowForm;
import dev.penstock.datasets.format.RowReader;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.pack.PackingStats;
import dev.penstock.datasets.pack.SequencePacker;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.shard.ShardInfo;
import dev.penstock.datasets.shard.ShardWriter;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.interop.JavaBytes;
import dev.penstock.spark.interop.NativeSettings;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tokenizes and packs the rows of one shard, in their order, and writes it. */
final class IngestShard implements MapPartitionsFunction<Row, byte[]> {
  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(IngestShard.class);
  private static final int MOST_NAMED = 3;
  private static final float LEAST_WEIGHT = 1e-30f;

  /** Sums of so many weights times losses still fit into 32 bits. */
  private static final double MOST_WEIGHT = 1e30;

  private final String folder;
  private final PackingConfig packing;
  private final int vocabSize;
  private final boolean weighted;
  private final double weightUnit;
  private final RowForm form;
  private final SpecialTokens specialTokens;
  private final boolean skipUnreadable;
  private final Broadcast<byte[]> tokenizer;
  private final Broadcast<SerializableConfiguration> hadoopConf;

  /**
   * @param folder where the shard goes
   * @param weightUnit the weight that counts 1; the others are divided by it in 64 bits, since sums
   *     and products of 32 bits would not hold weights of any size
   */
  IngestShard(
      IngestSpec spec,
      String folder,
      double weightUnit,
      Broadcast<byte[]> tokenizer,
      Broadcast<SerializableConfiguration> hadoopConf) {
    this.folder = folder;
    this.packing = spec.packing();
    this.vocabSize = spec.vocabSize();
    this.weighted = spec.source().weighted();
    this.weightUnit = weightUnit;
    this.form = spec.source().form();
    this.specialTokens = RowReader.around(form, spec.specialTokens());
    this.skipUnreadable = spec.skipUnreadable();
    this.tokenizer = tokenizer;
    this.hadoopConf = hadoopConf;
  }

  /**
   * What a task gives back.
   *
   * @param labels tokens that are to be predicted
   */
  record Result(int shard, ShardInfo info, PackingStats stats, long labels)
      implements Serializable {}

  /**
   * Writes a shard.
   *
   * @param rows of the columns {@link IngestRows#ROW} and {@link IngestRows#WEIGHT}
   */
  @Override
  public Iterator<byte[]> call(Iterator<Row> rows) throws IOException {
    return List.of(JavaBytes.of(write(rows))).iterator();
  }

  /** Writes the shard of this task's partition. */
  Result write(Iterator<Row> rows) throws IOException {
    int shard = TaskContext.getPartitionId();
    Folder store = HadoopFolder.of(folder, hadoopConf.value().value());
    TokenizerFiles files = JavaBytes.read(tokenizer.value(), TokenizerFiles.class);
    // Two attempts of a task may run at once; only the file of the one that counts is listed.
    String name =
        String.format(Locale.ROOT, "shard-%05d.%d.bin", shard, TaskContext.get().taskAttemptId());
    NativeSettings.prepare();
    try (TextTokenizer open = TextTokenizer.open(files);
        ShardWriter writer =
            ShardWriter.create(store, name, packing.seqLength(), vocabSize, weighted)) {
      SequencePacker packer = new SequencePacker(packing, writer);
      RowReader reader =
          RowReader.of(
              form, new TextEncoder(open, specialTokens, vocabSize), () -> ChatTemplates.of(files));
      long labels = 0;
      long unreadable = 0;
      while (rows.hasNext()) {
        Row row = rows.next();
        TokenizedDocument document;
        try {
          document = reader.read(row.getString(0));
        } catch (DatasetException e) {
          if (!skipUnreadable) {
            throw e;
          }
          if (unreadable++ < MOST_NAMED) {
            log.warn("Left out of shard {} (skipUnreadableRows): {}", shard, e.getMessage());
          }
          continue;
        }
        labels += Arrays.stream(document.labels()).filter(id -> id != TokenSequence.IGNORE).count();
        packer.add(document.withWeight(weight(row)));
      }
      packer.finish();
      return new Result(shard, writer.finish(), packer.stats(), labels);
    }
  }

  /** A row that counts is never left out, however small its weight is beside the largest. */
  private float weight(Row row) {
    if (!weighted) {
      return 1;
    }
    double weight = row.getDouble(1) / weightUnit;
    if (weight > MOST_WEIGHT) {
      throw new DatasetException(
          "The weight %s is too large: weights of a stream are taken as they are, and %s is the most. Divide them all."
              .formatted(weight, MOST_WEIGHT));
    }
    return Math.max(LEAST_WEIGHT, (float) weight);
  }
}
