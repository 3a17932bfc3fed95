package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.SilentRankException;
import dev.penstock.engine.comm.TransportException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The other ranks of the run, as one of them sees them: what is under way with each, and what
 * became of the run. The first thing that ends it ends all that is under way, and is told to all.
 */
final class Members implements AutoCloseable, Link.Events {
  /** How long a rank that leaves waits until the others have heard it. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private static final Duration SHORT_FAREWELL = Duration.ofMillis(300);
  private static final String WATCHED = "its peers";
  private static final long POLL_NANOS = 500_000;

  /** Starts a message; false: its peer has left. */
  interface Start {
    boolean on(Link link, Message message);
  }

  private final Mesh mesh;
  private final Map<Integer, Link> links = new TreeMap<>();
  private final Set<Message> underWay = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Heartbeats heartbeats;
  private final Consumer<Throwable> onEnd;
  private Message.@Nullable Failure failure;
  private boolean closed;

  private Members(Mesh mesh, Map<Integer, Pipe> pipes, Consumer<Throwable> onEnd) {
    this.mesh = mesh;
    this.onEnd = onEnd;
    LinkOptions options = mesh.options();
    Duration beat = Heartbeats.interval(options.heartbeatTimeout());
    pipes.forEach((peer, pipe) -> links.put(peer, new Link(rank(), peer, pipe, beat, this)));
    heartbeats = new Heartbeats(links, options.heartbeatTimeout(), this::onSilent);
  }

  /**
   * Connects.
   *
   * @param onEnd hears once why another rank ended the run
   */
  static Members connect(RankListener listener, Mesh mesh, Consumer<Throwable> onEnd) {
    Members members = new Members(mesh, mesh.connect(listener), onEnd);
    members.links.values().forEach(Link::start);
    members.heartbeats.start(mesh.rank());
    return members;
  }

  private int rank() {
    return mesh.rank();
  }

  /** Throws if the run is over for this rank. */
  synchronized void check(String awaited) {
    if (failure != null) {
      throw failure.of(awaited);
    }
  }

  /** Begins with a message, which is owned from here on until it was awaited. */
  void start(Message message, Start start) {
    synchronized (this) {
      if (failure != null) {
        message.tensor().close();
        throw failure.of(message.awaited());
      }
      underWay.add(message);
    }
    if (!start.on(links.get(message.peer()), message)) {
      message.fail(gone(message.peer(), null));
    }
  }

  /** Waits for a message, which is then the caller's; one that failed is freed when all end. */
  void await(Message message, Duration timeout) {
    try {
      message.await(timeout);
    } catch (TransportException e) {
      check(message.awaited()); // what ended the run says more
      throw e;
    }
    synchronized (this) {
      underWay.remove(message);
    }
  }

  private Message.Failure gone(int peer, @Nullable Throwable cause) {
    return awaited -> TransportException.peerGone(rank(), awaited, "rank " + peer, cause);
  }

  /** Ends the run for this rank and tells the others; the first cause stays. */
  void abort(Throwable cause) {
    if (fail(awaited -> TransportException.aborted(rank(), awaited, rank(), cause))) {
      tell(rank(), cause.toString());
    }
  }

  private void tell(int by, String why) {
    links.values().forEach(link -> link.abort(by, why));
  }

  @Override
  public void onBroken(int peer, IOException cause) {
    Message.Failure gone = gone(peer, cause);
    if (fail(gone)) {
      String why =
          String.format(Locale.ROOT, "rank %d has left the run: %s", peer, cause.getMessage());
      tell(rank(), why);
      onEnd.accept(gone.of(WATCHED));
    }
  }

  @Override
  public void onAbort(int by, String why) {
    Message.Failure aborted =
        awaited ->
            new TransportException(
                String.format(
                    Locale.ROOT,
                    "Rank %d was waiting for %s when rank %d aborted the run: %s",
                    rank(),
                    awaited,
                    by,
                    why));
    if (fail(aborted)) {
      tell(by, why); // to whom it comes later from there than the news that this rank has left
      onEnd.accept(aborted.of(WATCHED));
    }
  }

  @Override
  public void onLeft(int peer) {
    lose(peer, message -> !message.isGoing());
  }

  @Override
  public void onEnded(int peer) {
    lose(peer, message -> true);
  }

  private void lose(int peer, Predicate<Message> which) {
    List<Message> lost;
    synchronized (this) {
      lost = underWay.stream().filter(message -> message.peer() == peer).filter(which).toList();
    }
    lost.forEach(message -> message.fail(gone(peer, null)));
  }

  private void onSilent(int peer) {
    String host = mesh.addresses().get(peer).getHostString();
    SilentRankException silence =
        new SilentRankException(peer, host, mesh.options().heartbeatTimeout());
    Message.Failure silent =
        awaited ->
            new TransportException(
                String.format(
                    Locale.ROOT,
                    "Rank %d was waiting for %s. %s",
                    rank(),
                    awaited,
                    silence.getMessage()),
                silence);
    if (fail(silent)) {
      tell(rank(), silence.getMessage());
      onEnd.accept(silent.of(WATCHED));
    }
  }

  /** Whether this is the first failure. */
  private boolean fail(Message.Failure cause) {
    List<Message> ended;
    synchronized (this) {
      if (failure != null) {
        return false;
      }
      failure = cause;
      ended = new ArrayList<>(underWay);
    }
    ended.forEach(message -> message.fail(cause));
    return true;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    boolean whole = fail(awaited -> TransportException.closed(rank(), awaited));
    heartbeats.close();
    links.values().forEach(Link::leave);
    awaitFarewell(whole ? FAREWELL : SHORT_FAREWELL);
    links.values().forEach(Link::close);
    underWay.forEach(message -> message.tensor().close());
    underWay.clear();
  }

  private void awaitFarewell(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean interrupted = false;
    while (!links.values().stream().allMatch(Link::hasParted) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL_NANOS);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
