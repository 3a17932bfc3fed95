package dev.penstock.spark.barrier;

import dev.penstock.spark.interop.TaskSlots;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the fits of one application take turns: those that together want more task slots than there
 * are run one after the other, in the order in which they came. A barrier stage starts only once
 * all its slots are free at the same moment, which may never be while others take them one by one.
 */
public final class SlotQueue {
  private static final Logger log = LoggerFactory.getLogger(SlotQueue.class);
  private static final long POLL_MILLIS = 500;
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);
  private static final Map<SparkContext, SlotQueue> QUEUES = new WeakHashMap<>();

  private final IntSupplier slots;
  private final List<Turn> waiting = new ArrayList<>();
  private final List<Turn> running = new ArrayList<>();

  /**
   * @param slots how many task slots there are now
   */
  SlotQueue(IntSupplier slots) {
    this.slots = slots;
  }

  /** That of an application. */
  public static SlotQueue of(SparkContext context) {
    synchronized (QUEUES) {
      return QUEUES.computeIfAbsent(context, SlotQueue::ofSlots);
    }
  }

  private static SlotQueue ofSlots(SparkContext context) {
    // The queue must not keep the context, its key, alive.
    WeakReference<SparkContext> reference = new WeakReference<>(context);
    return new SlotQueue(
        () -> {
          SparkContext live = reference.get();
          return live == null ? 0 : TaskSlots.available(live);
        });
  }

  /**
   * Waits for the turn of a fit, as long as the fits before it take; the caller closes it.
   *
   * @param fit its name, for messages
   * @param ranks task slots that it needs
   */
  public Turn await(String fit, int ranks) throws InterruptedException {
    Turn turn = new Turn(fit, ranks);
    synchronized (this) {
      waiting.add(turn);
      try {
        long begin = System.nanoTime();
        Duration nextLog = Duration.ZERO;
        while (!mayRun(turn)) {
          Duration waited = Duration.ofNanos(System.nanoTime() - begin);
          if (waited.compareTo(nextLog) >= 0) {
            log.info("{}", line(turn, waited));
            nextLog = nextLog.plus(LOG_INTERVAL);
          }
          wait(POLL_MILLIS);
        }
        running.add(turn);
        return turn;
      } finally {
        waiting.remove(turn);
        notifyAll();
      }
    }
  }

  /** Fits that wait now. */
  synchronized int waitingFits() {
    return waiting.size();
  }

  private boolean mayRun(Turn turn) {
    return waiting.get(0) == turn
        && (running.isEmpty()
            || running.stream().mapToInt(other -> other.ranks).sum() + turn.ranks
                <= slots.getAsInt());
  }

  private String line(Turn turn, Duration waited) {
    return String.format(
        Locale.ROOT,
        ("%s has waited %d s for its turn: it needs %d task slots at once, and of %d these fits"
            + " hold or come before: %s. It starts when they end; more executors let them run side"
            + " by side."),
        turn.fit,
        waited.toSeconds(),
        turn.ranks,
        slots.getAsInt(),
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
    private boolean ingesting = true;

    private Turn(String fit, int ranks) {
      this.fit = fit;
      this.ranks = ranks;
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
