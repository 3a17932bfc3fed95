package dev.penstock.spark.fit;

import dev.penstock.datasets.format.RowForm;
import dev.penstock.datasets.pack.DocumentFit;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.pack.Remainder;
import dev.penstock.datasets.pack.Truncation;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.family.AdapterConfig;
import dev.penstock.engine.modelfiles.CheckedModel;
import dev.penstock.engine.plan.StepSchedule;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.fs.TokenizerFolder;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.interop.NativeSettings;
import dev.penstock.spark.params.ColumnCheck;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.RowColumns;
import dev.penstock.spark.params.RunFacts;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What the Params name, read and checked by the driver before anything starts.
 *
 * @param start the model to start from, or null
 * @param facts what was read
 * @param config the run
 * @param plan what follows from it
 * @param rows what a row of the data is
 * @param tokenizerPath the tokenizer, or the folder that holds it
 * @param tokenizer its files, with the chat template of the Params if they name one
 * @param packing how its tokens become sequences
 * @param generationConfig that of the model to start from, or null
 * @param givenConfig text of the model's config.json as it was given, to be saved
 * @param warnings what the user should know of the model to start from, one sentence each
 */
public record RunInputs(
    @Nullable ModelPaths start,
    RunFacts facts,
    TrainingConfig config,
    TrainingPlan plan,
    RowColumns rows,
    String tokenizerPath,
    TokenizerFiles tokenizer,
    PackingConfig packing,
    @Nullable String generationConfig,
    String givenConfig,
    List<String> warnings) {
  /**
   * Reads and checks; what is on a hub is fetched.
   *
   * @param lines is told how far that has come
   * @throws ConfigException if something is missing or does not fit
   */
  static RunInputs read(TrainerParams<?> params, SparkContext spark, Consumer<String> lines)
      throws IOException {
    check(params);
    Configuration conf = spark.hadoopConfiguration();
    NamedModels models = ModelCache.of(params, spark, lines);
    ModelPaths start = start(params, models, ModelPart.MODEL);
    ModelFolder folder = start == null ? null : ModelFolder.of(start.model(), conf);
    CheckedModel model = start == null ? null : start.files(conf).checkModel();
    AdapterConfig adapters = start == null ? null : start.adapterConfig(conf);
    RunFacts facts =
        new RunFacts(
            model == null ? params.getModelConfig() : model.config(),
            adapters == null ? null : adapters.lora(),
            ScheduleText.read(params, conf));
    TrainingConfig config = EngineConfigs.trainingConfig(params, facts);
    TrainingPlan plan = TrainingPlan.of(config);
    plan.checkSeqLength(config.batch().seqLength());
    if (start != null) {
      start.files(conf).checkAdapter(plan.spec(), plan.lora());
    }
    RowColumns rows = RowColumns.of(params, LocalDateTime.now());
    String tokenizerPath = tokenizerPath(params, start, models);
    TokenizerFiles tokenizer =
        ChatTemplateText.put(params, TokenizerFolder.read(tokenizerPath, conf), conf);
    if (rows.form() instanceof RowForm.Messages) {
      ChatTemplates.of(tokenizer).check();
    }
    return new RunInputs(
        start,
        facts,
        config,
        plan,
        rows,
        tokenizerPath,
        tokenizer,
        packing(params, rows.form(), tokenizer, config, plan),
        folder == null ? null : folder.readGenerationConfig(),
        model == null ? params.getModelConfig() : model.givenConfig(),
        model == null ? List.of() : model.warnings());
  }

  static @Nullable ModelPaths start(TrainerParams<?> params, NamedModels models, ModelPart part)
      throws IOException {
    Optional<String> path = params.valueIfAny(TrainerOption.MODEL_PATH);
    return path.isEmpty()
        ? null
        : ModelPaths.find(
            path.get(),
            params.<String>valueIfAny(TrainerOption.BASE_MODEL_PATH).orElse(null),
            models,
            part);
  }

  /**
   * The same when it is known how much there is to train on, and so how long it takes.
   *
   * @throws ConfigException if a warm-up is longer than that, for example
   */
  RunInputs withSequences(TrainerParams<?> params, long sequences) {
    RunFacts all = facts.withSequences(sequences);
    TrainingConfig known = EngineConfigs.trainingConfig(params, all);
    return with(all, known, TrainingPlan.of(known), rows);
  }

  /** The same where chat templates tell another time: that of the run that is gone on with. */
  RunInputs at(TrainerParams<?> params, LocalDateTime time) {
    return with(facts, config, plan, RowColumns.of(params, time));
  }

  private RunInputs with(
      RunFacts facts, TrainingConfig config, TrainingPlan plan, RowColumns rows) {
    return new RunInputs(
        start,
        facts,
        config,
        plan,
        rows,
        tokenizerPath,
        tokenizer,
        packing,
        generationConfig,
        givenConfig,
        warnings);
  }

  /** Optimizer steps of the run, once the data are known; {@link StepSchedule#OPEN} of a stream. */
  long numSteps() {
    return StepSchedule.of(config.steps(), config.batch().globalBatchSize(), facts.numSequences())
        .numSteps();
  }

  /**
   * Checks what needs no file.
   *
   * @throws ConfigException if Params do not go together
   */
  public static void check(TrainerParams<?> params) {
    RowColumns.of(params, LocalDateTime.now());
    checkModel(params);
    FitTracking.mlflow(params); // only checked
    boolean fromModel = params.isDefined(params.modelPath());
    Optional<String> csv = params.valueIfAny(TrainerOption.PP_SCHEDULE_CSV);
    boolean csvInFile = csv.isPresent() && !ScheduleText.isText(csv.get());
    RunFacts facts =
        new RunFacts(
            fromModel ? "" : params.getModelConfig(), null, csvInFile ? null : csv.orElse(null));
    TrainingConfig config = EngineConfigs.trainingConfig(params, facts);
    ReplicaChoice.of(params, config);
    EngineConfigs.validationConfig(params);
    if (!fromModel && !csvInFile) {
      TrainingPlan.of(config);
    }
    if (!fromModel && !params.isDefined(params.tokenizerPath())) {
      throw new ConfigException("Set tokenizerPath to a tokenizer.json or a folder with one.");
    }
  }

  /**
   * Checks columns, and what needs no file.
   *
   * @return the columns that the model will make of these
   * @throws ConfigException if Params and columns do not go together
   */
  public static StructType check(TrainerParams<?> params, StructType schema) {
    check(params);
    params
        .<String>valueIfAny(TrainerOption.WEIGHT_COL)
        .ifPresent(column -> ColumnCheck.checkWeight(schema, column));
    params
        .<String>valueIfAny(TrainerOption.VALIDATION_INDICATOR_COL)
        .ifPresent(column -> ColumnCheck.checkIndicator(schema, column));
    return ColumnCheck.transformSchema(params, RowColumns.of(params, LocalDateTime.now()), schema);
  }

  /**
   * Checks what says which model is trained.
   *
   * @throws ConfigException if none is named, or two are
   */
  static void checkModel(TrainerParams<?> params) {
    boolean fromModel = params.isDefined(params.modelPath());
    if (fromModel == params.isDefined(params.modelConfig())) {
      throw new ConfigException(
          "Set either modelPath, to start from a model's weights, or modelConfig, to start from"
              + " random ones: %s set.".formatted(fromModel ? "both are" : "neither is"));
    }
    if (!fromModel && params.isDefined(params.baseModelPath())) {
      throw new ConfigException(
          "baseModelPath is set, but not modelPath, whose adapters adapt that model. Clear it.");
    }
  }

  private static String tokenizerPath(
      TrainerParams<?> params, @Nullable ModelPaths start, NamedModels models) throws IOException {
    return start == null || params.isDefined(params.tokenizerPath())
        ? models.find(params.getTokenizerPath(), ModelPart.TOKENIZER).folder()
        : start.tokenizer(models.conf());
  }

  private static PackingConfig packing(
      TrainerParams<?> params,
      RowForm form,
      TokenizerFiles files,
      TrainingConfig config,
      TrainingPlan plan) {
    NativeSettings.prepare();
    try (TextTokenizer tokenizer = TextTokenizer.open(files)) {
      int vocabSize = plan.spec().vocabSize();
      Integer end =
          form.isEnded() ? (Integer) endOfDocument(params, tokenizer, config, vocabSize) : null;
      return new PackingConfig(
          config.batch().seqLength(),
          end,
          end == null ? padding(tokenizer, vocabSize) : end,
          params.getPacking().equals("none") ? DocumentFit.SINGLE : DocumentFit.SPLIT,
          Remainder.PAD,
          Truncation.valueOf(params.getTruncation().toUpperCase(Locale.ROOT)));
    }
  }

  /** Any token that the model has; nothing is predicted from it, nor is it predicted. */
  private static int padding(TextTokenizer tokenizer, int vocabSize) {
    return IntStream.of(tokenizer.padTokenId().orElse(0), tokenizer.eosTokenId().orElse(0))
        .filter(id -> id < vocabSize)
        .findFirst()
        .orElse(0);
  }

  private static int endOfDocument(
      TrainerParams<?> params, TextTokenizer tokenizer, TrainingConfig config, int vocabSize) {
    OptionalInt eos =
        params
            .<Integer>valueIfAny(TrainerOption.EOS_TOKEN_ID)
            .map(OptionalInt::of)
            .orElseGet(
                () ->
                    tokenizer.eosTokenId().isPresent()
                        ? OptionalInt.empty()
                        : ModelFolder.eosTokenId(config.modelConfigJson()));
    int end = tokenizer.endOfDocumentId(eos);
    if (end >= vocabSize) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              ("The token behind each text has the id %d, but the model's vocab_size is %d. Use the"
                  + " tokenizer that belongs to the model, or set eosTokenId."),
              end,
              vocabSize));
    }
    return end;
  }
}
