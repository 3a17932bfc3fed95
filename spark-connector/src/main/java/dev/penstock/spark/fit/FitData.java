package dev.penstock.spark.fit;

import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.plan.StepSchedule;
import dev.penstock.spark.data.IngestRows;
import dev.penstock.spark.data.IngestSpec;
import dev.penstock.spark.data.IngestedData;
import dev.penstock.spark.data.RowIngest;
import dev.penstock.spark.data.RowSource;
import dev.penstock.spark.data.RowTally;
import dev.penstock.spark.data.StreamRows;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a fit as token shards.
 *
 * @param training the rows to train on
 * @param validation the shards to validate on; null: the fit is not validated
 */
record FitData(Training training, @Nullable Shards validation) {
  /** Rows to train on. */
  sealed interface Training permits Staged, StreamedData {
    /** The same means the same sequences in each order. */
    String fingerprint();

    /** What became of the rows; of a stream, of those that were read so far. */
    IngestedData ingested();
  }

  /** Rows whose shards are there. */
  record Staged(IngestedData ingested, Shards shards) implements Training {
    @Override
    public String fingerprint() {
      return shards.manifest.fingerprint();
    }
  }

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

  /** Sequences to train on, or {@link StepSchedule#UNTIL_THEY_END}. */
  long sequences() {
    return training instanceof Staged staged
        ? staged.ingested.packing().sequences()
        : StepSchedule.UNTIL_THEY_END;
  }

  /**
   * Plans a stream of them; rows to validate on are staged, for which the frame is read once.
   *
   * @param folders of the run
   * @param staged where the shards to validate on outlive the fit; null: they do not
   * @param lines told of the pass
   */
  static FitData stream(
      TrainerParams<?> params,
      Dataset<?> dataset,
      RunInputs inputs,
      RunFolder folders,
      @Nullable StagedShards staged,
      String runId,
      Consumer<String> lines)
      throws IOException {
    RowSource columns = source(params, inputs, dataset);
    Shards validation = null;
    if (columns.validation() != null) {
      lines.accept(
          "reads the rows to validate on first, one pass over the frame (dataMode stream)");
      try (IngestRows rows = IngestRows.toValidate(dataset, columns)) {
        validation = validation(params, inputs, columns, rows, folders, staged);
      }
    }
    Configuration conf = dataset.sparkSession().sparkContext().hadoopConfiguration();
    StreamRows rows = StreamRows.of(dataset, spec(params, inputs, columns, "rows"));
    return new FitData(
        new StreamedData(runId, rows, folders.shards(), params.getStreamAhead(), conf), validation);
  }

  private static Shards validation(
      TrainerParams<?> params,
      RunInputs inputs,
      RowSource columns,
      IngestRows rows,
      RunFolder folders,
      @Nullable StagedShards staged)
      throws IOException {
    String where =
        "rows where '%s' (validationIndicatorCol) is true".formatted(columns.validation());
    RowIngest held = new RowIngest(spec(params, inputs, columns, where));
    RowTally heldTally = held.tally(rows.validation());
    Shards validation =
        shards(held, rows.validation(), heldTally, folders.validationShards(), staged);
    held.describe(heldTally, validation.manifest);
    return validation;
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
      return new FitData(
          new Staged(ingested, training),
          columns.validation() == null
              ? null
              : validation(params, inputs, columns, rows, folders, staged));
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
        params.getSkipUnreadableRows(),
        inputs.tokenizer(),
        params.getAddSpecialTokens() ? SpecialTokens.INCLUDED : SpecialTokens.EXCLUDED,
        inputs.packing(),
        params.getPadToMultipleOf(),
        inputs.plan().spec().vocabSize());
  }
}
