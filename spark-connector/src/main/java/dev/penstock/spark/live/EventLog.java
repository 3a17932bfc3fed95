package dev.penstock.spark.live;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of a fit in order, for those who read them from the beginning and those who wait for
 * the next. Bounded: of many steps, every second one is forgotten. Safe for use by several threads.
 */
final class EventLog {
  private static final int MAX_STEPS = 20_000;

  /** What an event is to those who come later. */
  enum Kind {
    /** Part of the story. */
    STORY,
    /** A point of a curve. */
    STEP,
    /** How it is now: the next one takes its place. */
    STATE
  }

  /**
   * An event.
   *
   * @param number in order, with gaps
   * @param json as the page reads it
   */
  record Entry(long number, String json, Kind kind) {}

  private final List<Entry> entries = new ArrayList<>();
  private long next = 1;
  private int steps;
  private boolean ended;

  synchronized void add(String json, Kind kind) {
    if (kind == Kind.STATE) {
      entries.removeIf(entry -> entry.kind() == Kind.STATE);
    }
    entries.add(new Entry(next++, json, kind));
    if (kind == Kind.STEP && ++steps > MAX_STEPS) {
      forgetEverySecondStep();
    }
    notifyAll();
  }

  private void forgetEverySecondStep() {
    List<Entry> kept = new ArrayList<>();
    steps = 0;
    boolean keep = true;
    for (Entry entry : entries) {
      boolean step = entry.kind() == Kind.STEP;
      if (!step || keep) {
        kept.add(entry);
        steps += step ? 1 : 0;
      }
      keep ^= step;
    }
    entries.clear();
    entries.addAll(kept);
  }

  /** No more events come. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  synchronized boolean isEnded() {
    return ended;
  }

  /** Everything so far. */
  synchronized List<Entry> all() {
    return List.copyOf(entries);
  }

  /** What came after an event; waits for it, but not longer than this. */
  synchronized List<Entry> after(long number, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    long left = patience.toMillis();
    while (!ended && left > 0 && isUpToDate(number)) {
      wait(left);
      left = (deadline - System.nanoTime()) / 1_000_000;
    }
    int from = entries.size();
    while (from > 0 && entries.get(from - 1).number() > number) {
      from--;
    }
    return List.copyOf(entries.subList(from, entries.size()));
  }

  private boolean isUpToDate(long number) {
    return entries.isEmpty() || entries.get(entries.size() - 1).number() <= number;
  }
}
