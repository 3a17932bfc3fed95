package dev.penstock.spark;

import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.BatchColumns;
import dev.penstock.spark.interop.StageMetadata;
import dev.penstock.spark.params.ColumnCheck;
import dev.penstock.spark.params.GeneratorOption;
import dev.penstock.spark.params.GeneratorParams;
import dev.penstock.spark.params.OptionSet;
import dev.penstock.spark.score.Continuation;
import dev.penstock.spark.score.GenerateTexts;
import dev.penstock.spark.score.ModelRef;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Continues the prompts of a column with a language model: a Hugging Face folder, or one of
 * adapters. The executors load the model when its column is first needed, and keep it.
 *
 * <pre>{@code
 * new TextGenerator().setModelPath(model.modelPath()).setMaxNewTokens(40).transform(prompts)
 * }</pre>
 */
public final class TextGenerator extends Transformer
    implements GeneratorParams<TextGenerator>, DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final OptionSet options;

  public TextGenerator() {
    this(Identifiable.randomUID("textGenerator"));
  }

  /** A generator of this uid; what Spark calls to copy and to load one. */
  public TextGenerator(String uid) {
    this.uid = uid;
    this.options = new OptionSet(this, List.of(GeneratorOption.values()));
  }

  /** Reads a saved generator; also what {@code PipelineModel.load} calls. */
  public static MLReader<TextGenerator> read() {
    return new MLReader<>() {
      @Override
      public TextGenerator load(String path) {
        return StageMetadata.load(
            path, sparkSession().sparkContext(), TextGenerator.class, TextGenerator::new);
      }
    };
  }

  /** Loads a generator saved at {@code path}. */
  public static TextGenerator load(String path) {
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
   * Adds to each row what follows its prompt, as the model's {@code generation_config.json} says
   * where no Param does. Other columns are not read.
   *
   * @throws ConfigException if Params, model and columns do not go together
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    SparkContext spark = dataset.sparkSession().sparkContext();
    ModelRef model =
        ModelRef.of(
            getModelPath(),
            this.<String>valueIfAny(GeneratorOption.BASE_MODEL_PATH).orElse(null),
            this.<String>valueIfAny(GeneratorOption.MODEL_CACHE_PATH).orElse(null),
            getDevice(),
            this.<Integer>valueIfAny(GeneratorOption.THREADS_PER_RANK).orElse(null),
            spark);
    Continuation continuation = generationOptions().of(model.generationDefaults(spark));
    SpecialTokens special = getAddSpecialTokens() ? SpecialTokens.INCLUDED : SpecialTokens.EXCLUDED;
    return BatchColumns.append(
        dataset,
        ColumnCheck.input(getInputCol(), "inputCol", dataset),
        ColumnCheck.added(this),
        uid,
        new GenerateTexts(
            model,
            continuation,
            special,
            JavaSparkContext.fromSparkContext(spark)
                .broadcast(new SerializableConfiguration(spark.hadoopConfiguration()))));
  }

  private GenerationOptions generationOptions() {
    return new GenerationOptions(
        this.<Integer>valueIfAny(GeneratorOption.MAX_NEW_TOKENS).orElse(null),
        this.<Boolean>valueIfAny(GeneratorOption.DO_SAMPLE).orElse(null),
        this.<Double>valueIfAny(GeneratorOption.TEMPERATURE).orElse(null),
        this.<Integer>valueIfAny(GeneratorOption.TOP_K).orElse(null),
        this.<Double>valueIfAny(GeneratorOption.TOP_P).orElse(null),
        this.<Double>valueIfAny(GeneratorOption.REPETITION_PENALTY).orElse(null),
        getSeed());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    if (!isDefined(modelPath())) {
      throw new ConfigException(
          "modelPath is not set. Set it to the folder of the model that continues the prompts.");
    }
    generationOptions();
    return ColumnCheck.transformSchema(this, schema);
  }

  @Override
  public TextGenerator copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
