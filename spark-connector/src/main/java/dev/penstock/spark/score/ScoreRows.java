package dev.penstock.spark.score;

import dev.penstock.datasets.format.RowForm;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.spark.interop.BatchFunction;
import java.io.IOException;
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
  private final RowForm form;
  private final int seqLength;
  private final SpecialTokens specialTokens;
  private final Broadcast<SerializableConfiguration> hadoopConf;

  /**
   * @param form what a row is
   * @param seqLength tokens of a window at most
   * @param specialTokens whether the tokenizer puts its own around a text
   */
  public ScoreRows(
      ModelRef model,
      RowForm form,
      int seqLength,
      SpecialTokens specialTokens,
      Broadcast<SerializableConfiguration> hadoopConf) {
    this.model = model;
    this.form = form;
    this.seqLength = seqLength;
    this.specialTokens = specialTokens;
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
          loaded ->
              new RowScorer(loaded, form, seqLength, specialTokens, place).score(rows, progress));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot load the model at " + model.paths().location(), e);
    }
  }
}
