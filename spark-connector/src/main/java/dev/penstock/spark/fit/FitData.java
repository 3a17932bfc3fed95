package dev.penstock.spark.fit;

import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.data.IngestRows;
import dev.penstock.spark.data.IngestSpec;
import dev.penstock.spark.data.IngestedData;
import dev.penstock.spark.data.RowIngest;
import dev.penstock.spark.data.RowSource;
import dev.penstock.spark.data.RowTally;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a fit as token shards.
 *
 * @param ingested what became of the rows to train on
 * @param training their shards
 * @param validation the shards to validate on; null: the fit is not validated
 */
record FitData(IngestedData ingested, Shards training, @Nullable Shards validation) {
  /**
   * Shards that ranks read.
   *
   * @param folder where they are
   */
  record Shards(String folder, ShardManifest manifest) {
    private static Shards of(String folder, Configuration conf) throws IOException {
      return new Shards(folder, ShardManifest.read(HadoopFolder.of(folder, conf)));
    }
  }

  /**
   * Ingests them, or finds what an earlier fit has made of them.
   *
   * @param folders of the run, into which they go else
   * @param staged where they outlive the fit; null: they do not
   */
  static FitData ingest(
      TrainerParams<?> params,
      Dataset<?> dataset,
      RunInputs inputs,
      RunFolder folders,
      @Nullable StagedShards staged)
      throws IOException {
    RowSource columns = source(params, inputs, dataset);
    try (IngestRows rows = IngestRows.of(dataset, columns)) {
      checkTraining(rows, columns);
      RowIngest ingest = new RowIngest(spec(params, inputs, columns, "rows"));
      RowTally tally = ingest.tally(rows.training());
      Shards training = shards(ingest, rows.training(), tally, folders.shards(), staged);
      IngestedData ingested = ingest.describe(tally, training.manifest);
      if (columns.validation() == null) {
        return new FitData(ingested, training, null);
      }
      String where =
          "rows where '%s' (validationIndicatorCol) is true".formatted(columns.validation());
      RowIngest held = new RowIngest(spec(params, inputs, columns, where));
      RowTally heldTally = held.tally(rows.validation());
      Shards validation =
          shards(held, rows.validation(), heldTally, folders.validationShards(), staged);
      held.describe(heldTally, validation.manifest);
      return new FitData(ingested, training, validation);
    }
  }

  private static Shards shards(
      RowIngest ingest,
      Dataset<Row> rows,
      RowTally tally,
      String scratch,
      @Nullable StagedShards staged)
      throws IOException {
    Configuration conf = rows.sparkSession().sparkContext().hadoopConfiguration();
    Optional<String> kept =
        staged == null
            ? Optional.empty()
            : staged.findOrMake(
                ingest.spec().digest(tally), folder -> ingest.ingest(rows, tally, folder));
    if (kept.isPresent()) {
      return Shards.of(kept.get(), conf);
    }
    ingest.ingest(rows, tally, scratch);
    return Shards.of(scratch, conf);
  }

  private static void checkTraining(IngestRows rows, RowSource columns) {
    if (columns.validation() != null && rows.training().isEmpty()) {
      long validated = rows.validation().count();
      if (validated > 0) {
        throw new ConfigException(
            String.format(
                Locale.ROOT,
                "Column '%s' (validationIndicatorCol) is true in all %d rows: all are validated on,"
                    + " none is left to train on.",
                columns.validation(),
                validated));
      }
    }
  }

  private static RowSource source(TrainerParams<?> params, RunInputs inputs, Dataset<?> dataset) {
    return new RowSource(
        inputs.rows().form(),
        inputs.rows().described(),
        inputs.rows().of(dataset),
        params.<String>valueIfAny(TrainerOption.WEIGHT_COL).orElse(null),
        params.<String>valueIfAny(TrainerOption.VALIDATION_INDICATOR_COL).orElse(null));
  }

  private static IngestSpec spec(
      TrainerParams<?> params, RunInputs inputs, RowSource source, String rows) {
    return new IngestSpec(
        source,
        rows,
        params.getHandleInvalid().equals("skip"),
        inputs.tokenizer(),
        params.getAddSpecialTokens() ? SpecialTokens.INCLUDED : SpecialTokens.EXCLUDED,
        inputs.packing(),
        params.getPadToMultipleOf(),
        inputs.plan().spec().vocabSize());
  }
}
