package dev.penstock.spark;

import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.checkpoint.WeightCheck;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.train.TrainingPlan;
import dev.penstock.spark.fs.HadoopCheckpointStore;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.fs.TokenizerFolder;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What the Params name, read and checked by the driver before anything starts.
 *
 * @param config the run
 * @param plan what follows from it
 * @param tokenizer the tokenizer
 * @param packing how its tokens become sequences
 * @param generationConfig that of the model to start from, or null
 */
record RunInputs(
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
    TrainingConfig config =
        EngineConfigs.trainingConfig(
            params, start == null ? params.getModelConfig() : start.readConfig());
    TrainingPlan plan = TrainingPlan.of(config);
    if (start != null) {
      WeightCheck.check(plan.spec(), HadoopCheckpointStore.of(params.getModelPath(), conf));
    }
    TokenizerFiles tokenizer = TokenizerFolder.read(tokenizerPath(params), conf);
    return new RunInputs(
        config,
        plan,
        tokenizer,
        packing(params, tokenizer, config, plan),
        start == null ? null : start.readGenerationConfig());
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
    if (!fromModel) {
      TrainingPlan.of(EngineConfigs.trainingConfig(params, params.getModelConfig()));
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
