package dev.penstock.engine.checkpoint;

import static dev.penstock.engine.checkpoint.TestingCheckpoint.SMALL;
import static dev.penstock.engine.checkpoint.TestingCheckpoint.point;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.storage.FaultyFolder;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What checkpoints are on every kind of storage, whatever happens to it and to their writers. */
public abstract class CheckpointContract {
  private static final long SEED = 7;
  private static final double FAULTS = 0.03;
  private static final int MOST_NANOS = 2_000_000;

  /** A folder of this test, the same at every call, that does not exist at first. */
  protected abstract Folder folder() throws IOException;

  @Test
  void newestAndBestStay() throws Exception {
    Retention two = new Retention(2, true);
    SMALL.save(folder(), "a", point(1, 0.5), two);
    SMALL.save(folder(), "a", point(2, 0.5, 0.25), two);
    SMALL.save(folder(), "a", point(3, 0.5, 0.25, 0.75), two);
    SMALL.save(folder(), "a", point(4, 0.5, 0.25, 0.75, 1), two);
    assertThat(new CheckpointFolder(folder()).steps()).containsExactly(4L, 3L, 2L);
    for (long step : List.of(4L, 3L, 2L)) {
      SMALL.assertHolds(folder(), step);
    }
    SMALL.save(folder(), "a", 5);
    assertHoldsNothingBut(5, "a");
  }

  private void assertHoldsNothingBut(long step, String attempt) throws IOException {
    String name = CheckpointFolder.nameOf(step);
    assertThat(folder().listAll())
        .containsExactly(
            name + "/manifest.json",
            name + "/rank-00000." + attempt + ".safetensors",
            name + "/rank-00001." + attempt + ".safetensors");
    assertThat(folder().folders()).containsExactly(name);
  }

  @Test
  void whatDeadAttemptsLeftGoesButNotWhatIsBeingWritten() throws Exception {
    SMALL.save(folder(), "dead", 9);
    folder().write("step-00000003/rank-00000.dead.safetensors", new byte[3]);
    folder().write("step-00000008/rank-00001.alive.safetensors", new byte[3]);
    folder().write("notes.txt", new byte[3]);
    SMALL.save(folder(), "alive", 7);
    assertThat(folder().listAll())
        .containsExactly(
            "notes.txt",
            "step-00000007/manifest.json",
            "step-00000007/rank-00000.alive.safetensors",
            "step-00000007/rank-00001.alive.safetensors",
            "step-00000008/rank-00001.alive.safetensors");
  }

  /** In the middle of each file, too: those that died have written to it and not ended it. */
  @Test
  void newestIsWholeWhereverTheProcessDies() throws Exception {
    assertNewestIsWhole(changes -> FaultyFolder.dyingAfter(folder(), changes));
  }

  /** A folder that fails after so many changes. */
  interface Failing {
    Folder after(int changes) throws IOException;
  }

  /** Every second checkpoint fails, each after one change more than the one before. */
  void assertNewestIsWhole(Failing failing) throws Exception {
    int all = changesOfOneSave();
    int written = 0;
    for (int changes = 0; changes < all; changes++) {
      long step = 2L * changes + 10;
      SMALL.save(folder(), "good" + changes, step);
      SMALL.save(failing.after(changes), "bad" + changes, step + 1);
      long newest = SMALL.load(folder());
      assertThat(newest).as("after %d of %d changes", changes, all).isBetween(step, step + 1);
      written += (int) (newest - step);
    }
    assertThat(written).as("those that failed when theirs was there").isBetween(3, all - 10);
    SMALL.save(folder(), "last", 1000);
    assertHoldsNothingBut(1000, "last");
  }

  private int changesOfOneSave() throws Exception {
    SMALL.save(folder(), "first", 1);
    AtomicInteger changes = new AtomicInteger();
    SMALL.save(
        new FaultyFolder(folder(), (change, name) -> changes.incrementAndGet()), "second", 2);
    return changes.get();
  }

  @Test
  void newestIsWholeOnStorageThatIsSlowAndFailsAtRandom() throws Exception {
    Random random = new Random(SEED);
    SMALL.save(folder(), "good", 1);
    FaultyFolder bad =
        new FaultyFolder(
            folder(),
            (change, name) -> {
              LockSupport.parkNanos(random.nextInt(MOST_NANOS));
              if (random.nextDouble() < FAULTS) {
                throw new IOException("The store is out of order.");
              }
            });
    TreeSet<Long> newest = new TreeSet<>();
    for (long step = 2; step < 12; step++) {
      SMALL.save(bad, "bad", step);
      newest.add(SMALL.load(folder()));
    }
    assertThat(newest).as("some were written, some were not").hasSizeBetween(2, 10);
    SMALL.save(folder(), "good", 20);
    assertHoldsNothingBut(20, "good");
  }
}
