package dev.penstock.spark.progress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All who hear of a fit. Safe for use by several threads. */
public final class FitListeners implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<GuardedDelivery> direct = new ArrayList<>();
  private final List<ListenerThread> threads = new ArrayList<>();

  /**
   * Adds one that is called in the thread in which the event comes.
   *
   * @param name what it is called in messages
   */
  public synchronized void addDirect(String name, FitListener listener) {
    direct.add(new GuardedDelivery(listener, name));
  }

  /**
   * Adds one that may take its time.
   *
   * @param name what it is called in messages
   */
  public synchronized void add(String name, FitListener listener) {
    threads.add(new ListenerThread(listener, name));
  }

  /** Tells all of them. */
  public synchronized void tell(FitEvent event) {
    direct.forEach(listener -> listener.on(event));
    threads.forEach(listener -> listener.on(event));
  }

  /** Waits until all have heard everything, though not for ever. */
  @Override
  public synchronized void close() {
    direct.forEach(GuardedDelivery::close);
    threads.forEach(ListenerThread::end);
    boolean interrupted = Thread.interrupted(); // what was told is to arrive all the same
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (ListenerThread thread : threads) {
      try {
        thread.await(Duration.ofNanos(deadline - System.nanoTime()));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    direct.clear();
    threads.clear();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
