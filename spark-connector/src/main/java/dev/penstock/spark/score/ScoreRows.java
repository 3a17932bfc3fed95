package dev.penstock.spark.score;

import dev.penstock.datasets.format.RowForm;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.spark.interop.BatchFunction;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** The mean negative log-likelihood and the token count of rows. */
public final class ScoreRows implements BatchFunction {
  private static final long serialVersionUID = 1L;

  private final ModelRef model;
  private final Options options;
  private final Broadcast<SerializableConfiguration> hadoopConf;

  /**
   * How rows are read.
   *
   * @param form what a row is
   * @param skipUnreadable whether one that cannot be read has no score; else it is an error
   * @param seqLength tokens of a window at most
   * @param specialTokens whether the tokenizer puts its own around a text
   */
  public record Options(
      RowForm form, boolean skipUnreadable, int seqLength, SpecialTokens specialTokens)
      implements Serializable {}

  public ScoreRows(
      ModelRef model, Options options, Broadcast<SerializableConfiguration> hadoopConf) {
    this.model = model;
    this.options = options;
    this.hadoopConf = hadoopConf;
  }

  @Override
  public List<Object[]> apply(List<@Nullable String> rows, RowPlace place, LongConsumer progress) {
    return score(rows, place, progress).stream()
        .map(score -> new Object[] {score.meanNll(), score.tokens()})
        .toList();
  }

  @Override
  public String unit() {
    return "tokens scored";
  }

  private List<RowScore> score(List<@Nullable String> rows, RowPlace place, LongConsumer progress) {
    try {
      return LoadedModel.use(
          model,
          hadoopConf.value().value(),
          loaded -> new RowScorer(loaded, options, place).score(rows, progress));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot load the model at " + model.paths().location(), e);
    }
  }
}
