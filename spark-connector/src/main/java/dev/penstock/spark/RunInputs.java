package dev.penstock.spark;

import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.checkpoint.WeightCheck;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.train.StepSchedule;
import dev.penstock.engine.train.TrainingPlan;
import dev.penstock.spark.fs.HadoopCheckpointStore;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.fs.TokenizerFolder;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.RunFacts;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What the Params name, read and checked by the driver before anything starts.
 *
 * @param facts what was read
 * @param config the run
 * @param plan what follows from it
 * @param tokenizer the tokenizer
 * @param packing how its tokens become sequences
 * @param generationConfig that of the model to start from, or null
 */
record RunInputs(
    RunFacts facts,
    TrainingConfig config,
    TrainingPlan plan,
    TokenizerFiles tokenizer,
    PackingConfig packing,
    @Nullable String generationConfig) {
  /**
   * Reads and checks.
   *
   * @throws ConfigException if something is missing or does not fit
   */
  static RunInputs read(TrainerParams<?> params, Configuration conf) throws IOException {
    check(params);
    ModelFolder start =
        params.isDefined(params.modelPath()) ? ModelFolder.of(params.getModelPath(), conf) : null;
    RunFacts facts =
        new RunFacts(
            start == null ? params.getModelConfig() : start.readConfig(),
            ScheduleText.read(params, conf));
    TrainingConfig config = EngineConfigs.trainingConfig(params, facts);
    TrainingPlan plan = TrainingPlan.of(config);
    plan.checkSeqLength(config.batch().seqLength());
    if (start != null) {
      WeightCheck.check(plan.spec(), HadoopCheckpointStore.of(params.getModelPath(), conf));
    }
    TokenizerFiles tokenizer = TokenizerFolder.read(tokenizerPath(params), conf);
    return new RunInputs(
        facts,
        config,
        plan,
        tokenizer,
        packing(params, tokenizer, config, plan),
        start == null ? null : start.readGenerationConfig());
  }

  /**
   * The same when it is known how much there is to train on, and so how long it takes.
   *
   * @throws ConfigException if a warm-up is longer than that, for example
   */
  RunInputs withSequences(TrainerParams<?> params, long sequences) {
    RunFacts all = facts.withSequences(sequences);
    TrainingConfig known = EngineConfigs.trainingConfig(params, all);
    return new RunInputs(all, known, TrainingPlan.of(known), tokenizer, packing, generationConfig);
  }

  /** Optimizer steps of the run, once the data are known. */
  long numSteps() {
    return StepSchedule.of(config.steps(), config.batch().globalBatchSize(), facts.numSequences())
        .numSteps();
  }

  /**
   * Checks what needs no file.
   *
   * @throws ConfigException if Params do not go together
   */
  static void check(TrainerParams<?> params) {
    boolean fromModel = params.isDefined(params.modelPath());
    if (fromModel == params.isDefined(params.modelConfig())) {
      throw new ConfigException(
          "Set either modelPath, to start from a model's weights, or modelConfig, to start from"
              + " random ones: %s set.".formatted(fromModel ? "both are" : "neither is"));
    }
    Optional<String> csv = params.valueIfAny(TrainerOption.PP_SCHEDULE_CSV);
    boolean csvInFile = csv.isPresent() && !ScheduleText.isText(csv.get());
    RunFacts facts =
        new RunFacts(fromModel ? "" : params.getModelConfig(), csvInFile ? null : csv.orElse(null));
    TrainingConfig config = EngineConfigs.trainingConfig(params, facts);
    EngineConfigs.validationConfig(params);
    if (!fromModel && !csvInFile) {
      TrainingPlan.of(config);
    }
    tokenizerPath(params);
  }

  private static String tokenizerPath(TrainerParams<?> params) {
    if (params.isDefined(params.tokenizerPath())) {
      return params.getTokenizerPath();
    }
    if (params.isDefined(params.modelPath())) {
      return params.getModelPath();
    }
    throw new ConfigException("Set tokenizerPath to a tokenizer.json or a folder with one.");
  }

  private static PackingConfig packing(
      TrainerParams<?> params, TokenizerFiles files, TrainingConfig config, TrainingPlan plan) {
    try (TextTokenizer tokenizer = TextTokenizer.open(files)) {
      if (tokenizer.vocabSize() > plan.spec().vocabSize()) {
        throw new ConfigException(
            ("The tokenizer has %d tokens, but the model's vocab_size is %d. Use the tokenizer that"
                    + " belongs to the model, or a model with a larger vocabulary.")
                .formatted(tokenizer.vocabSize(), plan.spec().vocabSize()));
      }
      OptionalInt eos =
          params
              .<Integer>valueIfAny(TrainerOption.EOS_TOKEN_ID)
              .map(OptionalInt::of)
              .orElseGet(
                  () ->
                      tokenizer.eosTokenId().isPresent()
                          ? OptionalInt.empty()
                          : ModelFolder.eosTokenId(config.modelConfigJson()));
      return PackingConfig.of(config.batch().seqLength(), tokenizer.endOfDocumentId(eos));
    }
  }
}
