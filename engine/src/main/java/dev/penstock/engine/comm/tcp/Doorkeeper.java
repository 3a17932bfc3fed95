package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.RunSecret;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Lets the ranks with higher numbers in. Whoever else calls is turned away, and does not keep
 * anybody waiting: each caller has a thread of its own, and of many that say nothing the oldest has
 * to go.
 */
final class Doorkeeper implements AutoCloseable {
  private static final int MAX_CALLERS = 64;

  private final ServerSocketChannel server;
  private final RunSecret secret;
  private final int rank;
  private final int size;
  private final Map<Integer, Caller> admitted = new TreeMap<>();
  private final Deque<SocketChannel> callers = new ArrayDeque<>();
  private int turnedAway;
  private boolean closed;

  /** Somebody who was let in. */
  record Caller(SocketChannel channel, Handshake handshake) {}

  Doorkeeper(ServerSocketChannel server, RunSecret secret, int rank, int size) {
    this.server = server;
    this.secret = secret;
    this.rank = rank;
    this.size = size;
  }

  void open() {
    start("door-rank-" + rank, this::accept);
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel caller = server.accept();
        remember(caller);
        start("door-rank-" + rank + "-caller", () -> hear(caller));
      }
    } catch (IOException e) {
      // The listener was closed: all are there, or the run is over.
    }
  }

  private synchronized void remember(SocketChannel caller) {
    callers.addLast(caller);
    if (callers.size() > MAX_CALLERS) {
      close(callers.removeFirst());
    }
  }

  private void hear(SocketChannel caller) {
    try {
      Handshake handshake = Handshake.answer(caller.socket(), secret, rank, size);
      admit(caller, handshake);
    } catch (IOException e) {
      synchronized (this) {
        callers.remove(caller);
        turnedAway++;
      }
      close(caller);
    }
  }

  private synchronized void admit(SocketChannel channel, Handshake handshake) {
    callers.remove(channel);
    if (closed || admitted.containsKey(handshake.peer())) {
      close(channel);
      return;
    }
    admitted.put(handshake.peer(), new Caller(channel, handshake));
    notifyAll();
  }

  /**
   * Waits for all of the ranks with higher numbers.
   *
   * @return those that came in time
   */
  synchronized Map<Integer, Caller> await(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (admitted.size() < size - 1 - rank) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    return new TreeMap<>(admitted);
  }

  /** Callers that were no rank of this run. */
  synchronized int turnedAway() {
    return turnedAway;
  }

  /** Turns away who still waits; those who were let in stay. */
  @Override
  public synchronized void close() {
    closed = true;
    callers.forEach(Doorkeeper::close);
    callers.clear();
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more, whatever becomes of it.
    }
  }
}
