package dev.penstock.spark.explain;

import dev.penstock.spark.fit.RunInputs;
import dev.penstock.spark.params.OptionSet;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a fit on a frame would be, as a frame of one text. A client of Spark Connect has no trainer
 * that it could ask, but a server finds transformers by their names.
 */
public final class FitExplanation extends Transformer implements TrainerParams<FitExplanation> {
  private static final long serialVersionUID = 1L;
  private static final String COLUMN = "explanation";

  private final String uid;
  private final OptionSet options;

  /** What a class that Spark Connect is to find must have. */
  public FitExplanation() {
    this(Identifiable.randomUID("fitExplanation"));
  }

  /** One of this uid, with a trainer's Params to set. */
  public FitExplanation(String uid) {
    this.uid = uid;
    this.options = new OptionSet(this, List.of(TrainerOption.values()));
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
   * Explains; reads the model's config.json and what the frame's plan tells, and starts no job.
   *
   * @throws dev.penstock.engine.config.ConfigException if Params and columns do not go together
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    try {
      String text = Explanation.ofFit(this, dataset).text();
      return dataset.sparkSession().createDataset(List.of(text), Encoders.STRING()).toDF(COLUMN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public StructType transformSchema(StructType schema) {
    RunInputs.check(this, schema);
    return new StructType().add(COLUMN, DataTypes.StringType);
  }

  @Override
  public FitExplanation copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
