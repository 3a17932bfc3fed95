package dev.penstock.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Checkpoints of two ranks that each hold a part of one tensor, whose elements are the step.
 *
 * @param rows of the tensor
 */
public record TestingCheckpoint(long rows) {
  static final TestingCheckpoint SMALL = new TestingCheckpoint(300);
  static final RunIdentity IDENTITY = new RunIdentity("run", Map.of("a", "1"), Map.of());

  private static final long WAIT_MILLIS = 60_000;
  private static final int RANKS = 2;
  private static final long COLUMNS = 5;

  /** A step, and what its validations so far found. */
  static RunPoint point(long step, double... losses) {
    List<ValidationPoint> validations =
        IntStream.range(0, losses.length)
            .mapToObj(i -> new ValidationPoint(i + 1L, losses[i], 7))
            .toList();
    return new RunPoint(step, 0, 8 * step, validations);
  }

  List<Long> shape() {
    return List.of(rows, COLUMNS);
  }

  /** Saves as an attempt of a run does, which goes on whatever happens to its checkpoint. */
  public void save(Folder folder, String attempt, long step) throws InterruptedException {
    save(folder, attempt, point(step), new Retention(1, false));
  }

  void save(Folder folder, String attempt, RunPoint point, Retention retention)
      throws InterruptedException {
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    try (PointerScope scope = new PointerScope();
        RankSaver first = new RankSaver(checkpoints, attempt, 0);
        RankSaver second = new RankSaver(checkpoints, attempt, 1)) {
      long part = 700;
      second.begin(point.step(), slices(point.step(), part, rows * COLUMNS - part), null);
      assertThat(second.await(WAIT_MILLIS)).isTrue();
      StepTable steps = new StepTable(2, new double[] {1, 0.5, 2, 0.25});
      first.begin(point.step(), slices(point.step(), 0, part), steps);
      assertThat(first.await(WAIT_MILLIS)).isTrue();
      if (first.failure() == null && second.failure() == null) {
        first.commit(RANKS, IDENTITY, point, retention);
        assertThat(first.await(WAIT_MILLIS)).isTrue();
      }
    }
  }

  List<StateSlice> slices(long step, long begin, long numel) {
    Tensor values =
        torch.full(
            new long[] {numel}, new Scalar((double) step), new TensorOptions(ScalarType.Float));
    return StateSlice.ofRange(StateSlice.WEIGHT, "w", shape(), begin, values);
  }

  /** Loads the newest checkpoint, checks every byte, and says of which step it is. */
  public long load(Folder folder) throws IOException {
    List<Long> steps = new CheckpointFolder(folder).steps();
    assertThat(steps).as("checkpoints in %s", folder.listAll()).isNotEmpty();
    assertHolds(folder, steps.get(0));
    return steps.get(0);
  }

  void assertHolds(Folder folder, long step) throws IOException {
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    CheckpointManifest manifest = checkpoints.read(step);
    checkpoints.verify(manifest);
    try (PointerScope scope = new PointerScope()) {
      TensorSlice columns = new TensorSlice("w", shape(), List.of(100L, 2L), List.of(150L, 2L));
      Tensor values = torch.zeros(new long[] {300}, new TensorOptions(ScalarType.Float));
      checkpoints.read(manifest, List.of(new StateSlice(StateSlice.WEIGHT, columns, values)));
      assertThat(HostTensors.toFloats(values)).containsOnly((float) step);
    }
    assertThat(checkpoints.readSteps(manifest).orElseThrow().values())
        .containsExactly(1, 0.5, 2, 0.25);
  }
}
