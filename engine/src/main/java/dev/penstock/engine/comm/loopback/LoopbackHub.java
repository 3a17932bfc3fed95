package dev.penstock.engine.comm.loopback;

import dev.penstock.engine.comm.RankGroup;
import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Where the ranks of one run in this JVM meet: their mail, the collectives under way, and who has
 * left. All state is guarded by one lock; each rank sleeps on a condition of its own.
 */
final class LoopbackHub {
  private record Abort(int rank, Throwable cause) {}

  private static final Map<String, LoopbackHub> HUBS = new HashMap<>();

  private final String runId;
  private final int size;
  private final Duration timeout;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Condition> wake;
  private final BitSet joined = new BitSet();
  private final BitSet closed = new BitSet();
  private final Map<Channel.Key, Channel> channels = new HashMap<>();
  private final List<Set<Slot>> posted;
  private final Map<String, Round> rounds = new HashMap<>();
  private @Nullable Abort abort;

  private LoopbackHub(String runId, int size, Duration timeout) {
    this.runId = runId;
    this.size = size;
    this.timeout = timeout;
    this.wake = IntStream.range(0, size).mapToObj(rank -> lock.newCondition()).toList();
    this.posted =
        IntStream.range(0, size).<Set<Slot>>mapToObj(rank -> new LinkedHashSet<>()).toList();
  }

  /** Joins {@code rank} to its run; returns once all ranks have joined. */
  static LoopbackHub join(String runId, int rank, int size, Duration timeout) {
    LoopbackHub hub;
    synchronized (HUBS) {
      hub = HUBS.computeIfAbsent(runId, id -> new LoopbackHub(id, size, timeout));
    }
    hub.enter(rank, size);
    return hub;
  }

  /** Number of runs under way. */
  static int runs() {
    synchronized (HUBS) {
      return HUBS.size();
    }
  }

  private void enter(int rank, int expectedSize) {
    lock.lock();
    try {
      if (expectedSize != size || joined.get(rank)) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "Rank %d of %d cannot join run %s of %d ranks, of which %s have joined.",
                rank,
                expectedSize,
                runId,
                size,
                joined));
      }
      joined.set(rank);
      wakeAll();
      await(
          rank,
          String.format(Locale.ROOT, "all %d ranks to join", size),
          () -> joined.cardinality() == size);
    } catch (TransportException e) {
      abort(rank, e);
      leave(rank);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  int size() {
    return size;
  }

  /** Takes ownership of {@code message}. */
  void send(int source, int destination, long tag, Tensor message) {
    lock.lock();
    try {
      String awaited = String.format(Locale.ROOT, "rank %d to take tag %d", destination, tag);
      checkRunning(source, awaited);
      if (closed.get(destination)) {
        throw TransportException.peerGone(source, awaited, "rank " + destination);
      }
      Channel channel = channel(new Channel.Key(source, destination, tag));
      channel.put(message);
      drop(channel);
      wake.get(destination).signal();
    } catch (TransportException e) {
      message.close();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  Slot post(int source, int destination, long tag) {
    lock.lock();
    try {
      checkRunning(destination, String.format(Locale.ROOT, "tag %d from rank %d", tag, source));
      Channel channel = channel(new Channel.Key(source, destination, tag));
      Slot slot = channel.post();
      posted.get(destination).add(slot);
      drop(channel);
      return slot;
    } finally {
      lock.unlock();
    }
  }

  boolean isDone(Slot slot) {
    lock.lock();
    try {
      return slot.filled() || abort != null || closed.get(slot.key().source());
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the message of {@code slot}; the caller owns it. */
  Tensor take(Slot slot) {
    Channel.Key key = slot.key();
    lock.lock();
    try {
      String awaited = String.format(Locale.ROOT, "tag %d from rank %d", key.tag(), key.source());
      checkRunning(key.destination(), awaited);
      await(key.destination(), awaited, slot::filled, key.source());
      return slot.take();
    } finally {
      if (posted.get(key.destination()).remove(slot)) {
        withdraw(slot);
      }
      lock.unlock();
    }
  }

  /** Throws if the run was aborted. */
  void check(int rank, String awaited) {
    lock.lock();
    try {
      checkRunning(rank, awaited);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Brings the tensors of a group together; whoever comes last combines them, in rank order, and
   * all return.
   *
   * @param tensor this rank's handle, owned by the hub from here on
   */
  void meet(int rank, RankGroup group, String name, Tensor tensor, Consumer<List<Tensor>> combine) {
    start(rank, group, name, tensor, combine).await();
  }

  /**
   * As {@link #meet}, but returns before the others have come.
   *
   * @param name no other meeting of the group that is under way has it
   */
  Meeting start(
      int rank, RankGroup group, String name, Tensor tensor, Consumer<List<Tensor>> combine) {
    String awaited = "%s over ranks %s".formatted(name, group.ranks());
    lock.lock();
    try {
      Round round = arrive(rank, group, awaited, tensor);
      if (round.full() && !round.done()) {
        rounds.remove(awaited);
        lock.unlock();
        try {
          round.run(combine);
        } finally {
          lock.lock();
        }
        wakeAll(group);
      }
      return new Meeting(this, rank, group, awaited, round);
    } finally {
      lock.unlock();
    }
  }

  /** One rank's part in a collective operation. */
  record Meeting(LoopbackHub hub, int rank, RankGroup group, String awaited, Round round) {
    boolean isDone() {
      return round.done();
    }

    void await() {
      hub.lock.lock();
      try {
        hub.awaitOthers(rank, group, awaited, round);
        round.checkSucceeded(rank, awaited);
      } finally {
        hub.lock.unlock();
      }
    }
  }

  private Round arrive(int rank, RankGroup group, String awaited, Tensor tensor) {
    try {
      checkRunning(rank, awaited);
    } catch (TransportException e) {
      tensor.close();
      throw e;
    }
    Round round = rounds.computeIfAbsent(awaited, key -> new Round(group));
    round.arrive(rank, tensor);
    return round;
  }

  private void awaitOthers(int rank, RankGroup group, String awaited, Round round) {
    try {
      await(
          rank, awaited, round::done, group.ranks().stream().mapToInt(Integer::intValue).toArray());
    } catch (TransportException e) {
      round.breakUp(e);
      wakeAll(group);
      throw e;
    }
  }

  /** Makes every operation of every rank fail; the first cause stays. */
  void abort(int rank, Throwable cause) {
    lock.lock();
    try {
      if (abort == null) {
        abort = new Abort(rank, cause);
        wakeAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends {@code rank}'s part; the last rank to leave ends the run. */
  void leave(int rank) {
    lock.lock();
    try {
      closed.set(rank);
      posted.get(rank).forEach(this::withdraw);
      posted.get(rank).clear();
      channels.values().removeIf(channel -> channel.closeIfTo(rank));
      wakeAll();
      if (closed.equals(joined)) {
        rounds.values().forEach(Round::close);
        synchronized (HUBS) {
          HUBS.remove(runId, this);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private Channel channel(Channel.Key key) {
    return channels.computeIfAbsent(key, Channel::new);
  }

  private void drop(Channel channel) {
    if (channel.idle()) {
      channels.remove(channel.key());
    }
  }

  private void withdraw(Slot slot) {
    Channel channel = channels.get(slot.key());
    if (channel != null) {
      channel.withdraw(slot);
      drop(channel);
    }
    slot.close();
  }

  private void checkRunning(int rank, String awaited) {
    if (abort != null) {
      throw TransportException.aborted(rank, awaited, abort.rank(), abort.cause());
    }
    if (closed.get(rank)) {
      throw TransportException.closed(rank, awaited);
    }
  }

  private void await(int rank, String awaited, BooleanSupplier done, int... peers) {
    long left = timeout.toNanos();
    while (!done.getAsBoolean()) {
      checkRunning(rank, awaited);
      List<Integer> gone = new ArrayList<>();
      IntStream.of(peers).filter(closed::get).forEach(gone::add);
      if (!gone.isEmpty()) {
        throw TransportException.peerGone(rank, awaited, names(gone));
      }
      if (left <= 0) {
        throw TransportException.timedOut(rank, awaited, timeout);
      }
      try {
        left = wake.get(rank).awaitNanos(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw TransportException.interrupted(rank, awaited, e);
      }
    }
  }

  private static String names(List<Integer> ranks) {
    return ranks.stream().map(rank -> "rank " + rank).collect(Collectors.joining(", "));
  }

  private void wakeAll(RankGroup group) {
    group.ranks().forEach(member -> wake.get(member).signal());
  }

  private void wakeAll() {
    wake.forEach(Condition::signal);
  }
}
