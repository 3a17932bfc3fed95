package dev.penstock.spark;

import dev.penstock.spark.explain.Explanation;
import dev.penstock.spark.fit.FitOutcome;
import dev.penstock.spark.fit.RunInputs;
import dev.penstock.spark.fit.TrainingRun;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.params.CheckpointParams;
import dev.penstock.spark.params.LoraParams;
import dev.penstock.spark.params.ModelParams;
import dev.penstock.spark.params.OptimizerParams;
import dev.penstock.spark.params.OptionSet;
import dev.penstock.spark.params.PackingParams;
import dev.penstock.spark.params.PipelineParams;
import dev.penstock.spark.params.RowParams;
import dev.penstock.spark.params.RunParams;
import dev.penstock.spark.params.ScoringParams;
import dev.penstock.spark.params.TrackingParams;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.spark.params.ValidationParams;
import dev.penstock.spark.progress.FitAudience;
import dev.penstock.spark.progress.FitListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Trains a Hugging Face decoder-only language model on texts, conversations, prompts with
 * completions, or tokens, cut over the tasks of a barrier stage as a pipeline.
 *
 * <pre>{@code
 * CausalLMModel model = new CausalLMTrainer()
 *     .setInputCol("text").setTokenizerPath(tokenizer).setModelConfig(configJson)
 *     .setSeqLength(128).setPpSize(2).setGlobalBatchSize(16)
 *     .setMaxSteps(200).setLearningRate(1e-3).setOutputPath("hdfs:///models/small")
 *     .fit(texts);
 * }</pre>
 */
public final class CausalLMTrainer extends Estimator<CausalLMModel>
    // All by name, though TrainerParams has them all: py4j finds default methods of no interface
    // that a class does not name itself, nor of one that is not public.
    implements TrainerParams<CausalLMTrainer>,
        ScoringParams<CausalLMTrainer>,
        RowParams<CausalLMTrainer>,
        PackingParams<CausalLMTrainer>,
        ModelParams<CausalLMTrainer>,
        PipelineParams<CausalLMTrainer>,
        LoraParams<CausalLMTrainer>,
        OptimizerParams<CausalLMTrainer>,
        ValidationParams<CausalLMTrainer>,
        CheckpointParams<CausalLMTrainer>,
        RunParams<CausalLMTrainer>,
        TrackingParams<CausalLMTrainer>,
        DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final OptionSet options;
  private transient FitAudience audience = FitAudience.LOG;

  /** The outputPath below which this variant of another trainer makes a folder of its own. */
  private @Nullable String sharedPath;

  public CausalLMTrainer() {
    this(Identifiable.randomUID("causalLMTrainer"));
  }

  /** A trainer of this uid; what Spark calls to copy and to load one. */
  public CausalLMTrainer(String uid) {
    this.uid = uid;
    this.options = new OptionSet(this, List.of(TrainerOption.values()));
  }

  /** Reads a saved trainer; also what {@code Pipeline.load} calls. */
  public static MLReader<CausalLMTrainer> read() {
    return new TrainerReader();
  }

  /** Loads a trainer saved at {@code path}. */
  public static CausalLMTrainer load(String path) {
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
   * Sends the progress lines of a fit somewhere else than to the log. Copies keep it; saving does
   * not.
   */
  public CausalLMTrainer setProgressLines(Consumer<String> lines) {
    audience = audience.withLines(lines);
    return this;
  }

  /**
   * Lets a listener hear of every fit to come. Copies keep it; saving does not.
   *
   * @param listener hears of several fits at the same time if they run so
   */
  public CausalLMTrainer addListener(FitListener listener) {
    audience = audience.withListener(listener);
    return this;
  }

  /** Checks columns, and all Params that can be checked without reading a file. */
  @Override
  public StructType transformSchema(StructType schema) {
    return RunInputs.check(this, schema);
  }

  /**
   * Says what a fit on a frame would be: stages, schedule, memory, time, what is wrong and what
   * would help most. Reads the model's config.json, and of the frame what its plan tells: how much
   * there is to train on is an estimate by the sizes of files. Starts no job.
   *
   * @throws dev.penstock.engine.config.ConfigException if Params and columns do not go together
   */
  public String explain(Dataset<?> dataset) {
    try {
      return Explanation.ofFit(this, dataset).text();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same on a frame of which nothing but the schema is known. */
  public String explain(StructType schema) {
    try {
      return Explanation.ofFit(this, schema, SparkSession.active().sparkContext()).text();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public CausalLMTrainer copy(ParamMap extra) {
    CausalLMTrainer copy = defaultCopy(extra);
    copy.sharedPath = sharedPath;
    if (extra.size() > 0) {
      copy.sharePath(extra);
    }
    copy.audience = audience;
    return copy;
  }

  private void sharePath(ParamMap extra) {
    sharedPath = extra.contains(outputPath()) || !isDefined(outputPath()) ? null : getOutputPath();
  }

  /**
   * Trains a variant of this: what several fits do that choose among Params, as a CrossValidator
   * does. Each model gets a folder of its own below outputPath, unless the Params name one; {@code
   * modelPath} of the model says which.
   */
  @Override
  public CausalLMModel fit(Dataset<?> dataset, ParamMap paramMap) {
    CausalLMTrainer variant = copy(paramMap);
    variant.sharePath(paramMap);
    return variant.fit(dataset);
  }

  /**
   * Trains a model.
   *
   * @throws dev.penstock.engine.config.ConfigException before anything starts, if Params, data and
   *     cluster do not go together
   * @throws dev.penstock.spark.barrier.TrainingFailedException if a rank fails
   */
  @Override
  public CausalLMModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    SparkContext spark = dataset.sparkSession().sparkContext();
    boolean inOwnFolder = isDefined(outputPath()) && getOutputPath().equals(sharedPath);
    String runId = uid + "-" + UUID.randomUUID().toString().substring(0, 8);
    try {
      FitOutcome outcome = new TrainingRun(this, runId, spark, inOwnFolder, audience).run(dataset);
      TrainingSummary summary = new TrainingSummary(outcome);
      SummaryFile.write(summary, outcome.modelPath(), spark.hadoopConfiguration());
      CausalLMModel model =
          copyValues(new CausalLMModel(uid, outcome.modelPath(), summary), ParamMap.empty());
      model.clear(model.baseModelPath()); // that of modelPath; what was trained names its own
      ModelPaths.baseElsewhere(outcome.modelPath(), spark.hadoopConfiguration())
          .ifPresent(model::setBaseModelPath);
      return model.remember().setParent(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
