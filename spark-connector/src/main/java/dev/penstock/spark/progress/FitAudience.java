package dev.penstock.spark.progress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who a trainer's user wants to hear of its fits.
 *
 * @param lines take the progress lines
 * @param pause least time between two lines about steps
 * @param listeners hear of everything
 */
public record FitAudience(Consumer<String> lines, Duration pause, List<FitListener> listeners) {
  private static final Logger log = LoggerFactory.getLogger("dev.penstock.spark.CausalLMTrainer");

  /** Nobody: the lines go to the log, in which other things are to be found too. */
  public static final FitAudience LOG =
      new FitAudience(log::info, Duration.ofSeconds(10), List.of());

  public FitAudience {
    listeners = List.copyOf(listeners);
  }

  /** The same with all lines sent elsewhere. */
  public FitAudience withLines(Consumer<String> newLines) {
    return new FitAudience(newLines, Duration.ZERO, listeners);
  }

  /** The same with another listener. */
  public FitAudience withListener(FitListener listener) {
    List<FitListener> all = new ArrayList<>(listeners);
    all.add(listener);
    return new FitAudience(lines, pause, all);
  }
}
