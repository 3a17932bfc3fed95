package dev.penstock.engine.checkpoint;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the state of a rank while the rank goes on: {@link #begin} copies it, a thread of its own
 * writes it. Used by the rank's thread.
 *
 * <p>One checkpoint is under way at a time. Whether all ranks have written theirs is for the caller
 * to find out; one of them then commits.
 */
public final class RankSaver implements AutoCloseable {
  private static final long CLOSE_SECONDS = 10;

  private final CheckpointFolder folder;
  private final String attempt;
  private final int rank;
  private final Snapshot snapshot = new Snapshot();
  private final ExecutorService thread;
  private volatile boolean givenUp;
  private volatile boolean running;
  private volatile long bytesWritten;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Throwable commitFailure;
  private @Nullable Future<?> last;

  /**
   * Makes the saver of a rank.
   *
   * @param folder no other thread uses it from here on
   * @param attempt distinguishes the files of this attempt at the run
   */
  public RankSaver(CheckpointFolder folder, String attempt, int rank) {
    this.folder = requireNonNull(folder, "folder is null");
    this.attempt = requireNonNull(attempt, "attempt is null");
    this.rank = rank;
    thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread writer = new Thread(task, "penstock-checkpoint-" + rank);
              writer.setDaemon(true);
              return writer;
            });
  }

  /** Whether the last checkpoint that was begun is written by this rank, or cannot be. */
  public boolean isDone() {
    return !running;
  }

  /** Why this rank's part of the last checkpoint could not be written; null: it was, or will be. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /** Why the last commit of this rank came to nothing; null: it did not. */
  public @Nullable Throwable commitFailure() {
    return commitFailure;
  }

  /** Bytes written so far, of all checkpoints. */
  public long bytesWritten() {
    return bytesWritten;
  }

  /**
   * Copies the state and begins to write it.
   *
   * @param state the rank's slices; their tensors may change when this has returned
   * @param steps the history, on the rank that keeps it
   */
  public void begin(long step, List<StateSlice> state, @Nullable StepTable steps) {
    if (running) {
      throw new IllegalStateException("The checkpoint before is still being written.");
    }
    snapshot.take(state, steps);
    running = true;
    failure = null;
    last = thread.submit(() -> write(step));
  }

  private void write(long step) {
    try {
      String name = CheckpointFolder.fileOf(attempt, rank) + ".safetensors";
      String path = CheckpointFolder.pathOf(step, name);
      StoredFile file = snapshot.write(folder.folder(), path, name, () -> givenUp);
      folder.writeNote(step, attempt, rank, file);
      bytesWritten += file.bytes();
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    } finally {
      running = false;
    }
  }

  /**
   * Commits the checkpoint, which every rank has written, and removes older ones; in the
   * background. One rank calls it.
   */
  public void commit(int ranks, RunIdentity identity, RunPoint point, Retention retention) {
    commitFailure = null;
    last = thread.submit(() -> commitNow(ranks, identity, point, retention));
  }

  private void commitNow(int ranks, RunIdentity identity, RunPoint point, Retention retention) {
    try {
      CheckpointManifest manifest = folder.commit(attempt, ranks, identity, point);
      folder.prune(manifest, attempt, retention);
    } catch (IOException | RuntimeException | Error e) {
      commitFailure = e;
    }
  }

  /**
   * Waits until everything that was begun is done, but no longer than this.
   *
   * @return whether it is done
   */
  public boolean await(long millis) throws InterruptedException {
    Future<?> task = last;
    if (task == null) {
      return true;
    }
    try {
      task.get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // tasks catch everything
    }
  }

  /** Gives up what is not written yet. */
  @Override
  public void close() {
    givenUp = true;
    thread.shutdown();
    boolean interrupted = Thread.interrupted();
    try {
      // A thread that hangs in the storage still reads the snapshot: then its memory stays.
      if (thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        snapshot.close();
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
