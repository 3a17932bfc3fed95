package dev.penstock.spark.explain;

import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.plan.Forecast;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a run will have done when it ends.
 *
 * @param steps optimizer steps
 * @param atMost whether the data may end it before
 * @param tokens that it trains on
 * @param seconds that its steps take
 */
public record ExpectedRun(long steps, boolean atMost, long tokens, double seconds) {
  /**
   * Counts it up; empty if only the data would tell.
   *
   * @param sequences of one pass; null: not known
   */
  static Optional<ExpectedRun> of(Forecast forecast, @Nullable Long sequences) {
    StepConfig config = forecast.plan().config().steps();
    Integer most = config.maxSteps();
    Integer epochs = config.numEpochs();
    if (sequences == null || epochs == null) {
      return Optional.ofNullable(most).map(steps -> of(forecast, steps, epochs != null));
    }
    int batch = forecast.plan().config().batch().globalBatchSize();
    long steps = (long) Math.ceil((double) sequences * epochs / batch);
    return Optional.of(of(forecast, most == null ? steps : Math.min(steps, most), false));
  }

  private static ExpectedRun of(Forecast forecast, long steps, boolean atMost) {
    return new ExpectedRun(
        steps, atMost, steps * forecast.step().tokens(), steps * forecast.step().seconds());
  }
}
