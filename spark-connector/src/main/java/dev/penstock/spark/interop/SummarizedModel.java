package dev.penstock.spark.interop;

import org.apache.spark.ml.Model;
import org.apache.spark.ml.util.HasTrainingSummary;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * A model with Spark's own summary accessors, {@code hasSummary} and {@code summary}, which Spark
 * Connect knows too.
 *
 * @param <M> the model
 * @param <S> its summary
 */
public abstract class SummarizedModel<M extends SummarizedModel<M, S>, S> extends Model<M>
    implements HasTrainingSummary<S> {
  private static final long serialVersionUID = 1L;

  private Option<S> trainingSummary = Option.empty();

  @Override
  public Option<S> trainingSummary() {
    return trainingSummary;
  }

  @Override
  public void trainingSummary_$eq(Option<S> summary) {
    trainingSummary = summary;
  }

  /** Spark Connect asks for it beside a local copy of the model, which has its summary in it. */
  @SuppressWarnings("MissingOverride") // Spark before 4.1 has no such method
  public void saveSummary(String path) {}

  /** Sets the summary; null: the model has none. */
  protected void summarize(@Nullable S summary) {
    trainingSummary = Option.apply(summary);
  }

  /** The summary, or null. */
  protected @Nullable S summaryOrNull() {
    return hasSummary() ? summary() : null;
  }
}
