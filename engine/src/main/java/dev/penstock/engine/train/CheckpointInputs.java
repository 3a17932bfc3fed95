package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.checkpoint.Retention;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.storage.Folder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the checkpoints of a run go and where it goes on from; the same on every rank. How often by
 * steps is in {@code StepConfig}.
 *
 * @param folder where they go
 * @param attempt a name that no other attempt at the run has
 * @param identity what a checkpoint must say of its run for this one to go on from it
 * @param everySeconds one is made at the latest so long after the one before; 0: by steps alone
 * @param retention which stay
 * @param resume what to go on from; null: the run begins anew
 */
public record CheckpointInputs(
    Folder folder,
    String attempt,
    RunIdentity identity,
    int everySeconds,
    Retention retention,
    @Nullable Resume resume) {
  /**
   * Checkpoints to go on from: the first of them that is whole.
   *
   * @param folder where they are
   * @param steps which, as every rank should try them
   */
  public record Resume(Folder folder, List<Long> steps) {
    public Resume {
      requireNonNull(folder, "folder is null");
      steps = List.copyOf(steps);
    }
  }

  public CheckpointInputs {
    requireNonNull(folder, "folder is null");
    requireNonNull(identity, "identity is null");
    requireNonNull(retention, "retention is null");
    Folder.checkName(attempt);
  }
}
