package dev.penstock.spark.progress;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that a listener is called in: events come in the thread of Spark that hears of all
 * tasks, which must not wait for a tracking server or an object store.
 */
final class ListenerThread {
  private static final Logger log = LoggerFactory.getLogger(ListenerThread.class);
  private static final int CAPACITY = 1 << 16;

  private final GuardedDelivery delivery;
  private final String name;
  private final Thread thread;

  /** Nothing in it means that no more come. */
  private final BlockingQueue<Optional<FitEvent>> events = new LinkedBlockingQueue<>(CAPACITY);

  private long dropped;

  ListenerThread(FitListener listener, String name) {
    this.name = name;
    delivery = new GuardedDelivery(listener, name);
    thread = new Thread(this::run, "penstock-" + name.replace(' ', '-'));
    thread.setDaemon(true);
    thread.start();
  }

  void on(FitEvent event) {
    if (!events.offer(Optional.of(event)) && dropped++ == 0) {
      log.warn("The {} is more than {} events behind: it misses some", name, CAPACITY);
    }
  }

  private void run() {
    try {
      for (Optional<FitEvent> event = events.take(); event.isPresent(); event = events.take()) {
        delivery.on(event.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      delivery.close();
    }
  }

  /** No more events come. */
  void end() {
    if (!events.offer(Optional.empty())) {
      thread.interrupt();
    }
  }

  /** Waits until all events are told, but not longer than this. */
  void await(Duration patience) throws InterruptedException {
    thread.join(Math.max(1, patience.toMillis()));
    if (thread.isAlive()) {
      log.warn("The {} is not done yet; the fit does not wait for it any longer", name);
      thread.interrupt();
    }
  }
}
