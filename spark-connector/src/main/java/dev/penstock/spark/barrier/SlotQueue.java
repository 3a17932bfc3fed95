package dev.penstock.spark.barrier;

import dev.penstock.spark.interop.TaskSlots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;

/**
 * Lets the fits of one application take turns: those that together want more task slots than there
 * are run one after the other, in the order in which they came; so are those whose ranks take
 * different shares of an executor, for which there is no common count of slots. A barrier stage
 * starts only once all its slots are free at the same moment, which may never be while others take
 * them one by one.
 */
public final class SlotQueue {
  private static final long POLL_MILLIS = 500;
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);
  private static final Map<SparkContext, SlotQueue> QUEUES = new WeakHashMap<>();

  private final List<Turn> waiting = new ArrayList<>();
  private final List<Turn> running = new ArrayList<>();

  /** That of an application. */
  public static SlotQueue of(SparkContext context) {
    synchronized (QUEUES) {
      return QUEUES.computeIfAbsent(context, key -> new SlotQueue());
    }
  }

  /**
   * Waits for the turn of a fit, as long as the fits before it take; the caller closes it.
   *
   * @param fit its name, for messages
   * @param ranks task slots that it needs
   * @param slots those that there are for them
   * @param lines told of the wait every ten seconds
   */
  public Turn await(String fit, int ranks, TaskSlots slots, Consumer<String> lines)
      throws InterruptedException {
    Turn turn = new Turn(fit, ranks, slots);
    synchronized (this) {
      waiting.add(turn);
    }
    try {
      long begin = System.nanoTime();
      Duration nextLine = Duration.ZERO;
      while (!begins(turn)) {
        Duration waited = Duration.ofNanos(System.nanoTime() - begin);
        if (waited.compareTo(nextLine) >= 0) {
          lines.accept(line(turn, waited)); // a user's code, so not while others are locked out
          nextLine = nextLine.plus(LINE_INTERVAL);
        }
      }
      return turn;
    } finally {
      synchronized (this) {
        waiting.remove(turn);
        notifyAll();
      }
    }
  }

  /** Whether its turn has come; false after a while, or when another fit ended. */
  private synchronized boolean begins(Turn turn) throws InterruptedException {
    if (!mayRun(turn)) {
      wait(POLL_MILLIS);
      return false;
    }
    running.add(turn);
    return true;
  }

  /** Fits that wait now. */
  synchronized int waitingFits() {
    return waiting.size();
  }

  private boolean mayRun(Turn turn) {
    return waiting.get(0) == turn
        && running.stream().allMatch(other -> other.slots.equals(turn.slots))
        && (running.isEmpty()
            || running.stream().mapToInt(other -> other.ranks).sum() + turn.ranks
                <= turn.slots.available());
  }

  private synchronized String line(Turn turn, Duration waited) {
    return String.format(
        Locale.ROOT,
        ("has waited %d s for its turn: %s needs %d task slots at once, and of %d these fits"
            + " hold or come before: %s. It starts when they end; more executors let them run side"
            + " by side."),
        waited.toSeconds(),
        turn.fit,
        turn.ranks,
        turn.slots.available(),
        before(turn).stream()
            .map(other -> String.format(Locale.ROOT, "%s (%d ranks)", other.fit, other.ranks))
            .collect(Collectors.joining(", ")));
  }

  private List<Turn> before(Turn turn) {
    List<Turn> others = new ArrayList<>(running);
    others.addAll(waiting.subList(0, waiting.indexOf(turn)));
    return others;
  }

  /** A fit's time on the cluster, until closed. */
  public final class Turn implements AutoCloseable {
    private final String fit;
    private final int ranks;
    private final TaskSlots slots;
    private boolean ingesting = true;

    private Turn(String fit, int ranks, TaskSlots slots) {
      this.fit = fit;
      this.ranks = ranks;
      this.slots = slots;
    }

    /** Its texts are ingested: from now on it holds as many slots as it has ranks. */
    public void ingested() {
      synchronized (SlotQueue.this) {
        ingesting = false;
      }
    }

    /** Whether another fit ingests texts, which takes any slot and ends by itself. */
    public boolean othersIngest() {
      synchronized (SlotQueue.this) {
        return running.stream().anyMatch(other -> other != this && other.ingesting);
      }
    }

    @Override
    public void close() {
      synchronized (SlotQueue.this) {
        running.remove(this);
        SlotQueue.this.notifyAll();
      }
    }
  }
}
