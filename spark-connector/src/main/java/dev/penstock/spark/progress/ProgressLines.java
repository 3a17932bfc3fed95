package dev.penstock.spark.progress;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the lines of a fit go. What the user's consumer throws is its own affair, not the run's: it
 * is logged, the first of it with a stack trace. Safe for use by several threads.
 */
public final class ProgressLines implements Consumer<String> {
  private static final Logger log = LoggerFactory.getLogger(ProgressLines.class);

  private final Consumer<String> consumer;
  private long failures;

  public ProgressLines(Consumer<String> consumer) {
    this.consumer = consumer;
  }

  @Override
  @SuppressWarnings("CatchingUnchecked") // whatever a user's code may throw
  public synchronized void accept(String line) {
    try {
      consumer.accept(line);
    } catch (Exception | Error e) {
      if (failures++ == 0) {
        log.warn("The consumer of progress lines failed at '{}'; the fit goes on", line, e);
      } else {
        log.warn("The consumer of progress lines failed at '{}' too: {}", line, e.toString());
      }
    }
  }
}
