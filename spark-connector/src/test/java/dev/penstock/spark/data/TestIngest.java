package dev.penstock.spark.data;

import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.shard.BatchReader;
import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.datasets.shard.TokenRows;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;

/** Stages frames below a folder and reads them back. */
record TestIngest(Path folder) {
  static final int SEQ_LENGTH = 64;

  IngestedData ingest(String name, Dataset<?> frame, TextColumns columns, boolean skipNulls)
      throws IOException {
    IngestSpec spec =
        new IngestSpec(
            columns,
            "rows",
            skipNulls,
            TestingData.tokenizer(),
            SpecialTokens.INCLUDED,
            PackingConfig.of(SEQ_LENGTH, TestingData.EOT),
            TestingData.VOCAB_SIZE);
    try (TextRows rows = TextRows.of(frame, columns)) {
      TextIngest ingest = new TextIngest(spec);
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
