package dev.penstock.spark.data;

import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.shard.BatchReader;
import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.datasets.shard.TokenRows;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.params.RowColumns;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.jspecify.annotations.Nullable;

/** Stages frames below a folder and reads them back. */
record TestIngest(Path folder) {
  static final int SEQ_LENGTH = 64;

  /** Texts of the column "text", with weights if a column of them is named. */
  IngestedData ingest(String name, Dataset<?> frame, @Nullable String weight, boolean skipNulls)
      throws IOException {
    return ingest(name, frame, source(frame, "text", weight), skipNulls);
  }

  static RowSource source(Dataset<?> frame, String column, @Nullable String weight) {
    RowColumns rows = RowColumns.of(new CausalLMTrainer().setInputCol(column), LocalDateTime.now());
    return new RowSource(rows.form(), rows.described(), rows.of(frame), weight, null);
  }

  IngestedData ingest(String name, Dataset<?> frame, RowSource columns, boolean skipNulls)
      throws IOException {
    IngestSpec spec =
        new IngestSpec(
            columns,
            "rows",
            skipNulls,
            false,
            TestingData.tokenizer(),
            SpecialTokens.INCLUDED,
            PackingConfig.of(SEQ_LENGTH, TestingData.EOT),
            1,
            TestingData.VOCAB_SIZE);
    try (IngestRows rows = IngestRows.of(frame, columns)) {
      RowIngest ingest = new RowIngest(spec);
      RowTally tally = ingest.tally(rows.training());
      ingest.ingest(rows.training(), tally, folder.resolve(name).toUri().toString());
      return ingest.describe(tally, manifest(name));
    }
  }

  ShardManifest manifest(String name) throws IOException {
    return ShardManifest.read(store(name));
  }

  /** All rows of a first epoch, in order. */
  TokenRows read(String name) throws IOException {
    int sequences = (int) manifest(name).numSequences();
    try (BatchReader reader = BatchReader.open(store(name), 7, sequences, 0, sequences)) {
      return reader.read(0, 0, sequences);
    }
  }

  private Folder store(String name) throws IOException {
    return HadoopFolder.of(folder.resolve(name).toUri().toString(), new Configuration());
  }
}
