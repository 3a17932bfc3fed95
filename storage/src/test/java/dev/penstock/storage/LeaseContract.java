package dev.penstock.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a lease is on every kind of storage. */
@Timeout(60)
public abstract class LeaseContract {
  /** Long beside the second that some stores round times to. */
  private static final LeaseTiming TIMING =
      new LeaseTiming(Duration.ofMillis(2500), Duration.ofMillis(300));

  private static final LeaseHolder FIRST = LeaseHolder.now("run first of somebody", 1);
  private static final LeaseHolder SECOND = LeaseHolder.now("run second", 2);
  private static final String DEAD = LeaseFiles.PREFIX + "dead";

  /** A folder of this test, the same at every call, that does not exist at first. */
  protected abstract Folder folder() throws IOException;

  @Test
  void secondIsRefusedAndHearsOfTheFirst() throws IOException {
    try (Lease lease = take(FIRST)) {
      assertThatThrownBy(() -> take(SECOND))
          .isInstanceOf(LeaseHeldException.class)
          .hasMessageContainingAll(
              folder().location(),
              "run first of somebody (attempt 1, since " + FIRST.since(),
              "free 2 s after");
      lease.check();
    }
    assertThat(folder().listAll()).isEmpty();
    try (Lease lease = take(SECOND)) {
      assertThat(lease.holder()).isEqualTo(SECOND);
    }
  }

  @Test
  void leaseOfARunThatDiedIsTakenOver() throws IOException {
    folder().write(DEAD, FIRST.toBytes(true));
    List<String> waits = new ArrayList<>();
    try (Lease lease = Lease.take(folder(), SECOND, TIMING, waits::add)) {
      lease.check();
      assertThat(folder().exists(DEAD)).isFalse();
      assertThat(waits).hasSize(1).first().asString().contains("run first of somebody");
    }
  }

  @Test
  void storageThatFailsNowAndThenIsNotTheEndOfTheWait() throws IOException {
    folder().write(DEAD, FIRST.toBytes(true));
    AtomicInteger commits = new AtomicInteger();
    Folder failing =
        new FaultyFolder(
            folder(),
            (change, name) -> {
              int commit = change == FaultyFolder.Change.COMMIT ? commits.incrementAndGet() : 0;
              if (commit == 2 || commit == 3) {
                throw new IOException("503 Slow Down");
              }
            });
    try (Lease lease = Lease.take(failing, SECOND, TIMING, wait -> {})) {
      lease.check();
    }
    assertThat(commits).hasValueGreaterThan(3);
    assertThat(folder().listAll()).isEmpty();
  }

  @Test
  void holderThatIsHeardOfKeepsItsLease() throws Exception {
    folder().write(DEAD, FIRST.toBytes(true));
    CountDownLatch waiting = new CountDownLatch(1);
    Thread alive =
        new Thread(
            () -> {
              try {
                waiting.await();
                long first = folder().modifiedMillis(DEAD);
                while (folder().modifiedMillis(DEAD) == first) {
                  folder().write(DEAD, FIRST.toBytes(true));
                }
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    alive.start();
    assertThatThrownBy(
            () -> Lease.take(folder(), SECOND, TIMING, wait -> waiting.countDown()).close())
        .isInstanceOf(LeaseHeldException.class);
    alive.join();
    assertThat(folder().list()).containsExactly(DEAD);
  }

  @Test
  void ofManyThatComeAtOnceOneGetsIt() throws Exception {
    int threads = 6;
    CountDownLatch start = new CountDownLatch(1);
    CountDownLatch refused = new CountDownLatch(threads - 1);
    List<Throwable> refusals = Collections.synchronizedList(new ArrayList<>());
    Callable<Boolean> contender =
        () -> {
          start.await();
          try (Lease lease = take(FIRST)) {
            refused.await();
            lease.check();
            return true;
          } catch (LeaseHeldException e) {
            refusals.add(e);
            refused.countDown();
            return false;
          }
        };
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Boolean>> contenders = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        contenders.add(pool.submit(contender));
      }
      start.countDown();
      int winners = 0;
      for (Future<Boolean> each : contenders) {
        winners += each.get() ? 1 : 0;
      }
      assertThat(winners).isEqualTo(1);
      assertThat(refusals).hasSize(threads - 1);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void leaseThatWasTakenAwayIsLost() throws IOException {
    try (Lease lease =
        Lease.take(folder(), FIRST, LeaseTiming.DEFAULT /* not renewed meanwhile */, wait -> {})) {
      lease.check();
      String own = folder().list().get(0);
      folder().delete(own);
      assertThatThrownBy(lease::check)
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("no longer belongs to run first", "valid for 60 s");
    }
  }

  @Test
  void folderIsTakenWhileItsRunLives() throws IOException {
    try (Lease lease = take(FIRST)) {
      Folder other = folder().folder("other");
      assertThat(lease.isTaken(other)).isFalse();
      try (Lease second = Lease.take(folder().folder("other"), SECOND, TIMING, wait -> {})) {
        assertThat(lease.isTaken(other)).isTrue();
        assertThatCode(second::check).doesNotThrowAnyException();
      }
      assertThat(lease.isTaken(other)).isFalse();
    }
  }

  @Test
  void damagedLeaseIsALease() throws IOException {
    folder().write(DEAD, new byte[] {'x', '=', (byte) 0xff, '\n', 'a', 't', 't', 'e', 'm'});
    List<String> waits = new ArrayList<>();
    Lease.take(folder(), SECOND, TIMING, waits::add).close();
    assertThat(waits).hasSize(1).first().asString().contains("an unknown run");
  }

  private Lease take(LeaseHolder holder) throws IOException {
    return Lease.take(folder(), holder, TIMING, wait -> {});
  }
}
