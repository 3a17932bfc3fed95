package dev.penstock.spark.explain;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A look at data that explanations can do without: at storage that may not answer, for example. */
public final class BriefLook {
  private static final Logger log = LoggerFactory.getLogger(BriefLook.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private BriefLook() {}

  /** What is found within ten seconds; empty where nothing is, or it cannot be read. */
  public static Optional<DataVolume> at(Callable<Optional<DataVolume>> look) {
    FutureTask<Optional<DataVolume>> looking = new FutureTask<>(look);
    Thread reader = new Thread(looking, "penstock-data-size");
    reader.setDaemon(true);
    reader.start();
    try {
      return looking.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return untold(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return untold(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException unreadable) {
        return untold(unreadable); // explain works where the data are not
      }
      throw e.getCause() instanceof RuntimeException other ? other : new IllegalStateException(e);
    } finally {
      reader.interrupt();
    }
  }

  private static Optional<DataVolume> untold(Exception e) {
    log.info("The size of the data is not told: {}", e.toString());
    return Optional.empty();
  }
}
