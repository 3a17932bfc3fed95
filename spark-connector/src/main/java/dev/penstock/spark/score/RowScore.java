package dev.penstock.spark.score;

import dev.penstock.engine.inference.Score;
import org.jspecify.annotations.Nullable;

/** Sums up the windows of one row. */
final class RowScore {
  private double sumNll;
  private int tokens;

  void add(Score window) {
    if (window.tokens() > 0) {
      sumNll += window.meanNll() * window.tokens();
      tokens += window.tokens();
    }
  }

  /** Mean negative log-likelihood; null if there was no token to predict. */
  @Nullable Double meanNll() {
    return tokens == 0 ? null : sumNll / tokens;
  }

  /** Whether the model could not say: what it computed is no number, or infinite. */
  boolean isLost() {
    return tokens > 0 && !Double.isFinite(sumNll);
  }

  int tokens() {
    return tokens;
  }
}
