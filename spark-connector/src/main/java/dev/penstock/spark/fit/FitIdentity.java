package dev.penstock.spark.fit;

import dev.penstock.datasets.format.RowForm;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.train.ResumeRules;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint must say of its run for a fit to go on from it. The texts decide too, and are
 * known last: all else is compared before they are ingested, which may take hours.
 */
final class FitIdentity {
  /** How the data of a run begin that come as a stream. */
  static final String STREAM = "stream";

  private static final String DATA = "data";
  private static final String ROW_TIME = "rows.time";
  private static final String VALIDATION_DATA = "validationData";

  private final TrainerParams<?> params;
  private final String runId;
  private final SparkContext spark;
  private final @Nullable String startingWeights;

  private FitIdentity(
      TrainerParams<?> params, String runId, SparkContext spark, @Nullable String startingWeights) {
    this.params = params;
    this.runId = runId;
    this.spark = spark;
    this.startingWeights = startingWeights;
  }

  /**
   * Reads what the fit starts from.
   *
   * @param start the model; null: random weights
   */
  static FitIdentity read(
      TrainerParams<?> params, String runId, @Nullable ModelPaths start, SparkContext spark)
      throws IOException {
    return new FitIdentity(
        params,
        runId,
        spark,
        start == null ? null : start.weightsDigest(spark.hadoopConfiguration()));
  }

  /** Before the texts are ingested: what {@link #isKnown} names is as it will be. */
  RunIdentity beforeData(RunInputs inputs) {
    Map<String, String> decisive =
        new TreeMap<>(
            ResumeRules.decisive(
                inputs.config(), EngineConfigs.validationConfig(params).orElse(null)));
    if (startingWeights != null) {
      decisive.put("startingWeights", startingWeights);
    }
    Map<String, String> free = new TreeMap<>(ResumeRules.free(inputs.config()));
    free.put("version.spark", spark.version());
    free.put("version.java", Runtime.version().toString());
    if (inputs.rows().form() instanceof RowForm.Messages messages) {
      free.put(ROW_TIME, messages.now().toString());
    }
    return new RunIdentity(runId, decisive, free);
  }

  /** Whether the data of a run came as a stream. */
  static boolean isStream(RunIdentity identity) {
    return identity.decisive().getOrDefault(DATA, "").startsWith(STREAM + " ");
  }

  /** The time that chat templates told in a run. */
  static Optional<LocalDateTime> rowTime(RunIdentity identity) {
    return Optional.ofNullable(identity.free().get(ROW_TIME)).map(LocalDateTime::parse);
  }

  /** Whether something is known before the texts are ingested: their number may say the steps. */
  Predicate<String> isKnown() {
    boolean stepsKnown = !params.isDefined(params.numEpochs());
    return name ->
        !name.equals(DATA)
            && !name.equals(VALIDATION_DATA)
            && (stepsKnown
                || !(name.startsWith("lrSchedule.") || name.startsWith("optimizer.weightDecay.")));
  }

  /** All of it. */
  RunIdentity withData(RunInputs inputs, FitData data) {
    RunIdentity before = beforeData(inputs);
    Map<String, String> decisive = new TreeMap<>(before.decisive());
    decisive.put(DATA, data.training().fingerprint());
    if (data.validation() != null) {
      decisive.put(VALIDATION_DATA, data.validation().manifest().fingerprint());
    }
    return new RunIdentity(runId, decisive, before.free());
  }
}
