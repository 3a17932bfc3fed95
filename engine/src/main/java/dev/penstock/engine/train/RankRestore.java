package dev.penstock.engine.train;

import dev.penstock.engine.checkpoint.CheckpointException;
import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.CheckpointManifest;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.checkpoint.RunPoint;
import dev.penstock.engine.checkpoint.StateSlice;
import dev.penstock.engine.runtime.RankNumbers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Brings a rank to where a checkpoint was. All ranks try the same checkpoints in the same order and
 * take the first that every one of them can read.
 */
final class RankRestore {
  /**
   * Where the run goes on.
   *
   * @param history the steps so far, on the rank that keeps them
   * @param passedOver checkpoints that could not be read, as this rank saw it
   */
  record Restored(RunPoint point, List<StepReport> history, List<String> passedOver) {}

  private final RankState state;
  private final RankNumbers numbers;
  private final boolean keepsHistory;

  RankRestore(RankState state, RankNumbers numbers, boolean keepsHistory) {
    this.state = state;
    this.numbers = numbers;
    this.keepsHistory = keepsHistory;
  }

  /**
   * Restores weights, moments and history; collective over all ranks.
   *
   * @throws TrainingException if no checkpoint can be read, or the one that can is another run's
   */
  Restored from(CheckpointInputs.Resume resume, RunIdentity identity) {
    CheckpointFolder folder = new CheckpointFolder(resume.folder());
    List<String> passedOver = new ArrayList<>();
    for (long step : resume.steps()) {
      CheckpointManifest manifest = null;
      List<StepReport> history = List.of();
      String problem = "";
      try {
        manifest = folder.read(step);
        checkIdentity(folder, manifest, identity);
        history = read(folder, manifest);
      } catch (CheckpointException | IOException e) {
        problem = e.getMessage();
      }
      double damaged = numbers.sum(problem.isEmpty() ? 0 : 1)[0];
      if (damaged == 0) {
        return new Restored(manifest.point(), history, passedOver);
      }
      passedOver.add(
          "passed over %s/%s: %s"
              .formatted(
                  folder.location(),
                  CheckpointFolder.nameOf(step),
                  problem.isEmpty() ? "another rank cannot read it" : problem));
    }
    throw new TrainingException(
        ("No checkpoint in %s can be read: %s. Restore its files, or set resume to never, to begin"
                + " anew.")
            .formatted(folder.location(), String.join("; ", passedOver)));
  }

  private static void checkIdentity(
      CheckpointFolder folder, CheckpointManifest manifest, RunIdentity identity) {
    List<String> differences = manifest.identity().differences(identity);
    if (!differences.isEmpty()) {
      throw new TrainingException(
          "The run cannot go on from %s, for it would give other numbers. What differs: %s. Set these back, use another checkpointPath, or set resume to never, to begin anew."
              .formatted(folder.location(), String.join("; ", differences)));
    }
  }

  private List<StepReport> read(CheckpointFolder folder, CheckpointManifest manifest)
      throws IOException {
    Validation validation = state.validation();
    if (validation != null) {
      validation.resume(manifest.point().validations());
    }
    try (PointerScope scope = new PointerScope()) {
      List<StateSlice> needed = new ArrayList<>(state.needed());
      Tensor best = validation == null ? null : validation.bestWeights();
      if (best != null) {
        needed.addAll(state.neededBest(best));
      }
      folder.read(manifest, needed);
    }
    return keepsHistory
        ? folder.readSteps(manifest).map(StepHistory::of).orElse(List.of())
        : List.of();
  }
}
