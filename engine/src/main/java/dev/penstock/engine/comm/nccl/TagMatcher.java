package dev.penstock.engine.comm.nccl;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives the messages of one edge to receives by their tags. NCCL knows no tags: messages arrive in
 * the order they were sent, each in the buffer of whichever receive was posted at that place. So
 * each carries its tag, and what a receive gets is the buffer that its message arrived in.
 *
 * @param <M> a message that was posted to arrive
 */
final class TagMatcher<M> {
  /** One receive. */
  final class Slot {
    private @Nullable M message;

    private Slot() {}
  }

  /** How to learn about an arrival. */
  interface Arrivals<M> {
    boolean isDone(M message);

    /** Waits for the message and reads the tag it carries. */
    long awaitTag(M message);
  }

  private final Arrivals<M> arrivals;
  private final Deque<M> underWay = new ArrayDeque<>();
  private final Map<Long, Deque<Slot>> waiting = new HashMap<>();

  TagMatcher(Arrivals<M> arrivals) {
    this.arrivals = arrivals;
  }

  /** Registers a receive for {@code tag} whose buffer takes the next message of the edge. */
  Slot post(long tag, M message) {
    underWay.add(message);
    Slot slot = new Slot();
    waiting.computeIfAbsent(tag, key -> new ArrayDeque<>()).add(slot);
    return slot;
  }

  /** Whether {@link #take} would return at once. */
  boolean isDone(Slot slot) {
    while (slot.message == null && !underWay.isEmpty() && arrivals.isDone(underWay.element())) {
      matchNext();
    }
    return slot.message != null;
  }

  /** Waits for the message of a receive. */
  M take(Slot slot) {
    while (slot.message == null) {
      matchNext();
    }
    return requireNonNull(slot.message);
  }

  private void matchNext() {
    M next = underWay.element();
    long tag = arrivals.awaitTag(next);
    underWay.remove();
    Deque<Slot> slots = waiting.get(tag);
    if (slots == null) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT, "A message with tag %d came before a receive for it was posted.", tag));
    }
    slots.remove().message = next;
    if (slots.isEmpty()) {
      waiting.remove(tag);
    }
  }
}
