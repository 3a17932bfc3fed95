package dev.penstock.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The right to write into a folder, which one run has at a time, on any kind of storage.
 *
 * <p>Who wants the folder writes a file of its own into it, then looks who else has one: so of two
 * that come at once at least the later sees the other, and no storage needs to create a file
 * exclusively. A file that was not renewed for a while is that of a dead run; it is removed. Ages
 * are differences of the storage's own times, so hosts' clocks do not matter. A thread renews the
 * file until the lease is closed.
 *
 * <p>A holder that was stopped for longer than the lease is valid has lost it without knowing: call
 * {@link #check} before what must not be done by two, such as a commit. Safe for use by several
 * threads.
 */
public final class Lease implements AutoCloseable {
  private static final Set<String> HELD_HERE = ConcurrentHashMap.newKeySet();
  private static final int POLLS_PER_RENEWAL = 10;

  private final LeaseFiles files;
  private final LeaseTiming timing;
  private final LeaseHolder holder;
  private final String name = LeaseFiles.PREFIX + UUID.randomUUID();
  private final CountDownLatch closed = new CountDownLatch(1);
  private long storageMillis;
  private long renewedNanos;

  private Lease(Folder folder, LeaseHolder holder, LeaseTiming timing) {
    this.files = new LeaseFiles(folder);
    this.holder = holder;
    this.timing = timing;
  }

  /**
   * Takes the lease of a folder. Where another run has it, this returns or throws as soon as it is
   * sure whether that run lives: at once in this JVM, else within one renewal or the validity.
   *
   * @param folder an object of the lease's own, for it is used by a thread of its own; made if it
   *     does not exist
   * @param waits hears of a wait for a run of which nothing is known yet
   * @throws LeaseHeldException if a run that lives has it
   */
  public static Lease take(Folder folder, LeaseHolder holder, Consumer<String> waits)
      throws IOException {
    return take(folder, holder, LeaseTiming.DEFAULT, waits);
  }

  static Lease take(Folder folder, LeaseHolder holder, LeaseTiming timing, Consumer<String> waits)
      throws IOException {
    Lease lease = new Lease(folder, holder, timing);
    boolean taken = false;
    try {
      lease.acquire(waits);
      taken = true;
    } finally {
      if (!taken) {
        lease.files.delete(lease.name);
      }
    }
    lease.startRenewing();
    return lease;
  }

  private synchronized void acquire(Consumer<String> waits) throws IOException {
    write(false);
    Map<String, Long> firstSeen = new HashMap<>();
    int polls = 0;
    while (true) {
      List<LeaseFiles.Entry> rivals = rivals();
      // Twice: where files are replaced in two operations, one look may miss a renewed one.
      if (rivals.isEmpty() && rivals().isEmpty()) {
        write(true);
        HELD_HERE.add(name);
        return;
      }
      for (LeaseFiles.Entry rival : rivals) {
        Long before = firstSeen.putIfAbsent(rival.name(), rival.modifiedMillis());
        boolean renewed = before != null && before != rival.modifiedMillis();
        boolean lives = renewed || HELD_HERE.contains(rival.name());
        boolean asksToo = !rival.held() && rival.name().compareTo(name) > 0;
        if (lives && !asksToo) {
          throw new LeaseHeldException(files.location(), rival.holder(), timing);
        }
      }
      if (polls++ == 0) {
        waits.accept(
            String.format(
                Locale.ROOT,
                "Waiting up to %d s to hear whether %s, which has %s, is still alive",
                timing.validity().toSeconds(),
                rivals.isEmpty() ? "another run" : rivals.get(0).holder(),
                files.location()));
      }
      pause(timing.renewal().dividedBy(POLLS_PER_RENEWAL));
      askAgain();
    }
  }

  /** Storage that fails now and then is not the end of a long wait. */
  private void askAgain() throws IOException {
    try {
      write(false);
    } catch (IOException e) {
      if (age().compareTo(timing.validity()) > 0) {
        throw e;
      }
    }
  }

  private Duration age() {
    return Duration.ofNanos(System.nanoTime() - renewedNanos);
  }

  /** The others that are not known to be dead; the files of the dead are removed. */
  private List<LeaseFiles.Entry> rivals() throws IOException {
    List<LeaseFiles.Entry> others = files.others(name);
    for (LeaseFiles.Entry other : others) {
      if (other.isDead(storageMillis, timing)) {
        files.delete(other.name());
      }
    }
    return others.stream().filter(other -> !other.isDead(storageMillis, timing)).toList();
  }

  private void write(boolean held) throws IOException {
    long begin = System.nanoTime();
    storageMillis = files.write(name, holder, held);
    renewedNanos = begin;
  }

  private static void pause(Duration duration) throws InterruptedIOException {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("Interrupted while waiting for the lease of a folder.");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private void startRenewing() {
    Thread thread = new Thread(this::renewUntilClosed, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void renewUntilClosed() {
    try {
      while (!closed.await(timing.renewal().toMillis(), TimeUnit.MILLISECONDS)) {
        renew();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A failure is left to the next renewal, and to {@link #check} if none comes in time. */
  private synchronized void renew() {
    try {
      if (closed.getCount() > 0 && files.exists(name)) {
        write(true);
      }
    } catch (IOException | RuntimeException e) {
      // the time of the last renewal tells
    }
  }

  /** Who has the folder: this run. */
  public LeaseHolder holder() {
    return holder;
  }

  /**
   * Makes sure that the folder is still this run's.
   *
   * @throws IOException if it may be another's by now
   */
  public synchronized void check() throws IOException {
    Duration age = age();
    boolean lost = closed.getCount() == 0 || !files.exists(name);
    for (LeaseFiles.Entry other : files.others(name)) {
      lost |= other.held() && !other.isDead(storageMillis, timing);
    }
    if (lost || age.compareTo(timing.validity()) > 0) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s no longer belongs to %s: its lease was last renewed %d s ago, and is valid for"
                  + " %d s. The process was stopped for too long, or the storage did not answer.",
              files.location(),
              holder,
              age.toSeconds(),
              timing.validity().toSeconds()));
    }
  }

  /**
   * Whether a folder on the same storage belongs to a run that may live. The folder of a run that
   * died, or one that nobody has taken, does not.
   */
  public synchronized boolean isTaken(Folder other) throws IOException {
    if (closed.getCount() > 0) {
      write(true);
    }
    return new LeaseFiles(other)
        .others(name).stream().anyMatch(entry -> !entry.isDead(storageMillis, timing));
  }

  /** Gives the folder back. */
  @Override
  public void close() throws IOException {
    closed.countDown();
    synchronized (this) {
      HELD_HERE.remove(name);
      files.delete(name);
    }
  }
}
