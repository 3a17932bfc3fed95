package dev.penstock.spark;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.safetensors.SafetensorsException;
import dev.penstock.spark.fit.TrainedFolders;
import dev.penstock.spark.interop.BatchColumns;
import dev.penstock.spark.interop.SummarizedModel;
import dev.penstock.spark.params.ColumnCheck;
import dev.penstock.spark.params.OptionSet;
import dev.penstock.spark.params.RowColumns;
import dev.penstock.spark.params.RowParams;
import dev.penstock.spark.params.ScoringParams;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.score.ContinuePrompt;
import dev.penstock.spark.score.ModelRef;
import dev.penstock.spark.score.ScoreRows;
import java.time.LocalDateTime;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * A language model: a Hugging Face folder, or one of adapters and the model that they adapt, and
 * how to score and continue texts with it. The weights are loaded by the executors when they are
 * first needed, never by the driver.
 */
public final class CausalLMModel extends SummarizedModel<CausalLMModel, TrainingSummary>
    // All by name: py4j finds default methods of no interface that a class does not name itself.
    implements ScoringParams<CausalLMModel>, RowParams<CausalLMModel>, MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final String modelPath;
  private final OptionSet options;

  /** The run that trained this; null: it was not trained here. */
  private @Nullable String run;

  /** What a class that Spark Connect is to find must have; it refers to no model. */
  public CausalLMModel() {
    this(Identifiable.randomUID("causalLMModel"), "none", null);
  }

  CausalLMModel(String uid, String modelPath, @Nullable TrainingSummary summary) {
    this.uid = uid;
    this.modelPath = modelPath;
    this.options =
        new OptionSet(
            this,
            List.of(
                TrainerOption.BASE_MODEL_PATH,
                TrainerOption.MODEL_CACHE_PATH,
                TrainerOption.INPUT_COL,
                TrainerOption.MESSAGES_COL,
                TrainerOption.TOOLS_COL,
                TrainerOption.PROMPT_COL,
                TrainerOption.COMPLETION_COL,
                TrainerOption.TRAIN_ON_PROMPT,
                TrainerOption.PROMPT_ENCODING,
                TrainerOption.TOKENS_COL,
                TrainerOption.LABELS_COL,
                TrainerOption.SKIP_UNREADABLE_ROWS,
                TrainerOption.SEQ_LENGTH,
                TrainerOption.ADD_SPECIAL_TOKENS,
                TrainerOption.NLL_COL,
                TrainerOption.TOKEN_COUNT_COL,
                TrainerOption.DEVICE,
                TrainerOption.THREADS_PER_RANK));
    summarize(summary);
  }

  /**
   * A model that was not trained here.
   *
   * @param modelPath a Hugging Face model folder with a tokenizer, or a folder of adapters as peft
   *     saves it, on any Hadoop file system; or the name of either on a hub, as {@code ORG/NAME} or
   *     {@code hf://ORG/NAME@REVISION}; looked at, and fetched, when it is first needed
   */
  public static CausalLMModel ofFolder(String modelPath) {
    return new CausalLMModel(Identifiable.randomUID("causalLMModel"), modelPath, null);
  }

  /** Reads a saved model; also what {@code PipelineModel.load} calls. */
  public static MLReader<CausalLMModel> read() {
    return new ModelReader();
  }

  /** Loads a model saved at {@code path}. */
  public static CausalLMModel load(String path) {
    return read().load(path);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public OptionSet options() {
    return options;
  }

  /**
   * The Hugging Face folder: config.json, safetensors and tokenizer; or the adapters' folder:
   * adapter_config.json, safetensors and tokenizer; or the name on a hub that was given.
   */
  public String modelPath() {
    return modelPath;
  }

  /**
   * Adds to each row the mean negative log-likelihood of its tokens and their number: {@code
   * nllCol} is null where there is no token to predict. Of conversations, completions and labelled
   * tokens those count that count in training. A row that cannot be read is an error, or with
   * {@code skipUnreadableRows} as one without tokens. A row longer than {@code seqLength} tokens is
   * scored in windows.
   *
   * <p>Nothing but the columns of the row is read here: other columns stay as they are, those that
   * nobody asks for are not read at all, and rows that a filter of other columns drops are not
   * scored. Nor are any if neither of the two columns is used.
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    SparkContext spark = dataset.sparkSession().sparkContext();
    RowColumns rows = RowColumns.of(this, LocalDateTime.now());
    return BatchColumns.append(
        dataset,
        rows.of(dataset),
        ColumnCheck.added(this),
        uid,
        new ScoreRows(
            ref(spark),
            new ScoreRows.Options(
                rows.form(), getSkipUnreadableRows(), getSeqLength(), specialTokens()),
            hadoopConf(spark)));
  }

  /**
   * Continues a prompt as the model's {@code generation_config.json} says, like transformers'
   * {@code generate} without arguments; in a task of the active Spark session.
   */
  public String generate(String prompt) {
    return generate(prompt, GenerationOptions.ofModel());
  }

  /**
   * Continues a prompt with the likeliest tokens, even where the model's {@code
   * generation_config.json} asks for drawing. Its repetition penalty counts.
   */
  public String generate(String prompt, int maxNewTokens) {
    return generate(prompt, maxNewTokens, 0, 0);
  }

  /** Continues a prompt with tokens drawn among all. */
  public String generate(String prompt, int maxNewTokens, double temperature, long seed) {
    return generate(prompt, maxNewTokens, temperature, 0, 1.0, seed);
  }

  /**
   * Continues a prompt.
   *
   * @param maxNewTokens tokens to add at most
   * @param temperature 0: always the likeliest token; else how freely tokens are drawn
   * @param topK tokens are drawn among so many likeliest; 0: among all
   * @param topP tokens are drawn among the likeliest that together reach this probability; 1: all
   * @param seed of the drawing
   * @return what follows the prompt
   */
  public String generate(
      String prompt, int maxNewTokens, double temperature, int topK, double topP, long seed) {
    GenerationOptions drawing =
        GenerationOptions.ofModel()
            .withMaxNewTokens(maxNewTokens)
            .withTopK(topK)
            .withTopP(topP)
            .withSeed(seed);
    return generate(
        prompt,
        temperature == 0
            ? GenerationOptions.ofModel().withMaxNewTokens(maxNewTokens).withDoSample(false)
            : drawing.withDoSample(true).withTemperature(temperature));
  }

  /**
   * Continues a prompt, in a task of the active Spark session. What ends the text before its limit:
   * the {@code eos_token_id} of the model's {@code generation_config.json}; that of {@code
   * config.json} only if there is no such file; the tokenizer's if there is neither; and the last
   * position that the model has.
   *
   * @param options win over what the model's files say
   * @return what follows the prompt
   * @throws dev.penstock.engine.config.ConfigException before a job starts, if the model's files
   *     hold what cannot be; in it, if the prompt has no tokens or too many
   */
  public String generate(String prompt, GenerationOptions options) {
    requireNonNull(prompt, "The prompt is null.");
    SparkContext spark = SparkSession.active().sparkContext();
    ModelRef ref = ref(spark);
    ContinuePrompt function =
        new ContinuePrompt(
            ref, options.of(ref.generationDefaults(spark)), specialTokens(), hadoopConf(spark));
    try {
      return JavaSparkContext.fromSparkContext(spark)
          .parallelize(List.of(prompt), 1)
          .map(function)
          .first();
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof ConfigException
            || cause instanceof DatasetException
            || cause instanceof SafetensorsException) {
          throw new ConfigException(cause.getMessage(), e);
        }
      }
      throw e;
    }
  }

  private SpecialTokens specialTokens() {
    return getAddSpecialTokens() ? SpecialTokens.INCLUDED : SpecialTokens.EXCLUDED;
  }

  private ModelRef ref(SparkContext spark) {
    Integer threads = isDefined(threadsPerRank()) ? getThreadsPerRank() : null;
    String base = isDefined(baseModelPath()) ? getBaseModelPath() : null;
    String cache = isDefined(modelCachePath()) ? getModelCachePath() : null;
    checkThere();
    return ModelRef.of(modelPath, base, cache, getDevice(), threads, spark);
  }

  /** Notes whose model the folder holds. */
  CausalLMModel remember() {
    run = TrainedFolders.runOf(modelPath);
    return this;
  }

  /** Makes sure that no later fit has put its model in place of this one. */
  void checkThere() {
    if (run != null && !run.equals(TrainedFolders.runOf(modelPath))) {
      throw new ConfigException(
          "The model that was trained into %s is no more: another one has taken its place. Give each fit an outputPath of its own; CausalLMModel.ofFolder opens what lies there now."
              .formatted(modelPath));
    }
  }

  private static Broadcast<SerializableConfiguration> hadoopConf(SparkContext spark) {
    return JavaSparkContext.fromSparkContext(spark)
        .broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return ColumnCheck.transformSchema(this, RowColumns.of(this, LocalDateTime.now()), schema);
  }

  @Override
  public CausalLMModel copy(ParamMap extra) {
    CausalLMModel copy = new CausalLMModel(uid, modelPath, summaryOrNull());
    copy.run = run;
    return copyValues(copy, extra).setParent(parent());
  }

  /** With the path at its end: over Spark Connect it is all that a client can ask a model for. */
  @Override
  public String toString() {
    return "CausalLMModel: uid=" + uid + ", modelPath=" + modelPath;
  }

  @Override
  public MLWriter write() {
    return new ModelWriter(this);
  }
}
