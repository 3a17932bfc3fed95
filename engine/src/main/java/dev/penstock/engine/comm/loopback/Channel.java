package dev.penstock.engine.comm.loopback;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.pytorch.Tensor;

/**
 * Messages with one source, destination and tag: those that came before their receive was posted,
 * or the receives posted before their message came. Guarded by the hub's lock.
 */
final class Channel {
  /** What messages are matched by. */
  record Key(int source, int destination, long tag) {}

  private final Key key;
  private final Deque<Tensor> arrived = new ArrayDeque<>();
  private final Deque<Slot> waiting = new ArrayDeque<>();

  Channel(Key key) {
    this.key = key;
  }

  Key key() {
    return key;
  }

  void put(Tensor message) {
    Slot slot = waiting.poll();
    if (slot == null) {
      arrived.add(message);
    } else {
      slot.fill(message);
    }
  }

  Slot post() {
    Slot slot = new Slot(key);
    Tensor message = arrived.poll();
    if (message == null) {
      waiting.add(slot);
    } else {
      slot.fill(message);
    }
    return slot;
  }

  void withdraw(Slot slot) {
    waiting.remove(slot);
  }

  boolean idle() {
    return arrived.isEmpty() && waiting.isEmpty();
  }

  /** Frees the messages nobody will take any more; returns whether this channel led to rank. */
  boolean closeIfTo(int rank) {
    if (key.destination() != rank) {
      return false;
    }
    arrived.forEach(Tensor::close);
    return true;
  }
}
