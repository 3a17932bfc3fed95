package dev.penstock.spark.progress;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what a listener throws away from the run. Used by one thread at a time. */
final class GuardedDelivery {
  private static final Logger log = LoggerFactory.getLogger(GuardedDelivery.class);

  private final FitListener listener;
  private final String name;
  private long failures;

  GuardedDelivery(FitListener listener, String name) {
    this.listener = listener;
    this.name = name;
  }

  private interface Call {
    void run() throws Exception;
  }

  void on(FitEvent event) {
    guard(() -> listener.on(event));
  }

  void close() {
    guard(listener::close);
    if (failures > 1) {
      log.warn("The {} failed {} times in this fit", name, failures);
    }
  }

  @SuppressWarnings("CatchingUnchecked") // whatever code of others may throw, linkage errors too
  private void guard(Call call) {
    try {
      call.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception | Error e) {
      if (failures++ == 0) {
        log.warn("The {} failed; the fit goes on", name, e);
      }
    }
  }
}
