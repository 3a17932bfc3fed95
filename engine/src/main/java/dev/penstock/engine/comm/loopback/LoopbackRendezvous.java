package dev.penstock.engine.comm.loopback;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.RunSecret;
import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The rendezvous of ranks that are threads of one JVM: for examples, tests and benchmarks. */
public final class LoopbackRendezvous implements Rendezvous {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);

  /** What the ranks share; guarded by itself. */
  private static final class Table {
    private final String runId = UUID.randomUUID().toString();
    private final LinkOptions links = LinkOptions.of(RunSecret.random());
    private final Duration timeout;
    private @Nullable String[] messages;
    private int arrived;
    private List<String> gathered = List.of();
    private long round;
    private @Nullable Throwable failure;

    Table(int size, Duration timeout) {
      this.timeout = timeout;
      this.messages = new String[size];
    }
  }

  private final Table table;
  private final int rank;

  private LoopbackRendezvous(Table table, int rank) {
    this.table = table;
    this.rank = rank;
  }

  /** One rendezvous for each of {@code size} ranks, in rank order. */
  public static List<LoopbackRendezvous> create(int size) {
    return create(size, DEFAULT_TIMEOUT);
  }

  /** As {@link #create(int)}, where no rank waits longer than {@code timeout} for the others. */
  public static List<LoopbackRendezvous> create(int size, Duration timeout) {
    Table table = new Table(size, timeout);
    return IntStream.range(0, size).mapToObj(rank -> new LoopbackRendezvous(table, rank)).toList();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return table.messages.length;
  }

  @Override
  public String runId() {
    return table.runId;
  }

  @Override
  public LinkOptions links() {
    return table.links;
  }

  @Override
  public List<String> allGather(String message) {
    synchronized (table) {
      checkRunning();
      table.messages[rank] = message;
      table.arrived++;
      if (table.arrived == size()) {
        table.gathered = List.copyOf(Arrays.asList(table.messages));
        table.messages = new String[size()];
        table.arrived = 0;
        table.round++;
        table.notifyAll();
      } else {
        awaitRound(table.round + 1);
      }
      return table.gathered;
    }
  }

  /** Makes the allGather that is under way, and every later one, fail on every rank. */
  public void abort(Throwable cause) {
    synchronized (table) {
      if (table.failure == null) {
        table.failure = cause;
        table.notifyAll();
      }
    }
  }

  private void awaitRound(long round) {
    long deadline = System.nanoTime() + table.timeout.toNanos();
    while (table.round < round) {
      checkRunning();
      long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        throw TransportException.timedOut(rank, "the rendezvous of " + missing(), table.timeout);
      }
      try {
        table.wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw TransportException.interrupted(rank, "the rendezvous", e);
      }
    }
  }

  private String missing() {
    List<Integer> missing = new ArrayList<>();
    for (int other = 0; other < size(); other++) {
      if (table.messages[other] == null) {
        missing.add(other);
      }
    }
    return "ranks " + missing;
  }

  private void checkRunning() {
    if (table.failure != null) {
      throw new TransportException(
          String.format(
              Locale.ROOT,
              "Rank %d cannot meet the others, since one failed: %s",
              rank,
              table.failure),
          table.failure);
    }
  }
}
