package dev.penstock.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFolderTest {
  private static final long WAIT_MILLIS = 30_000;
  private static final int RANKS = 2;
  private static final List<Long> SHAPE = List.of(300L, 5L);
  private static final RunIdentity IDENTITY = new RunIdentity("run", Map.of("a", "1"), Map.of());

  @TempDir Path temp;

  private Folder folder() {
    return new LocalFolder(temp.resolve("checkpoints"));
  }

  private static RunPoint point(long step, double... losses) {
    List<ValidationPoint> validations =
        IntStream.range(0, losses.length)
            .mapToObj(i -> new ValidationPoint(i + 1L, losses[i], 7))
            .toList();
    return new RunPoint(step, 0, 8 * step, validations);
  }

  /** A checkpoint of two ranks that each hold half of a tensor, whose elements are the step. */
  private static void save(Folder folder, String attempt, RunPoint point, Retention retention)
      throws InterruptedException {
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    try (PointerScope scope = new PointerScope();
        RankSaver first = new RankSaver(checkpoints, attempt, 0);
        RankSaver second = new RankSaver(checkpoints, attempt, 1)) {
      long half = 700;
      second.begin(point.step(), slices(point.step(), half, 1500 - half), null);
      assertThat(second.await(WAIT_MILLIS)).isTrue();
      StepTable steps = new StepTable(2, new double[] {1, 0.5, 2, 0.25});
      first.begin(point.step(), slices(point.step(), 0, half), steps);
      assertThat(first.await(WAIT_MILLIS)).isTrue();
      if (first.failure() == null && second.failure() == null) {
        first.commit(RANKS, IDENTITY, point, retention);
        assertThat(first.await(WAIT_MILLIS)).isTrue();
      }
    }
  }

  private static List<StateSlice> slices(long step, long begin, long numel) {
    Tensor values =
        torch.full(
            new long[] {numel}, new Scalar((double) step), new TensorOptions(ScalarType.Float));
    return StateSlice.ofRange(StateSlice.WEIGHT, "w", SHAPE, begin, values);
  }

  private static void assertHolds(Folder folder, long step) throws IOException {
    CheckpointFolder checkpoints = new CheckpointFolder(folder);
    CheckpointManifest manifest = checkpoints.read(step);
    checkpoints.verify(manifest);
    try (PointerScope scope = new PointerScope()) {
      TensorSlice columns = new TensorSlice("w", SHAPE, List.of(100L, 2L), List.of(150L, 2L));
      Tensor values = torch.zeros(new long[] {300}, new TensorOptions(ScalarType.Float));
      checkpoints.read(manifest, List.of(new StateSlice(StateSlice.WEIGHT, columns, values)));
      assertThat(HostTensors.toFloats(values)).containsOnly((float) step);
    }
    assertThat(checkpoints.readSteps(manifest).orElseThrow().values())
        .containsExactly(1, 0.5, 2, 0.25);
  }

  @Test
  void newestAndBestStay() throws Exception {
    Retention two = new Retention(2, true);
    save(folder(), "a", point(1, 0.5), two);
    save(folder(), "a", point(2, 0.5, 0.25), two);
    save(folder(), "a", point(3, 0.5, 0.25, 0.75), two);
    save(folder(), "a", point(4, 0.5, 0.25, 0.75, 1), two);
    assertThat(new CheckpointFolder(folder()).steps()).containsExactly(4L, 3L, 2L);
    for (long step : List.of(4L, 3L, 2L)) {
      assertHolds(folder(), step);
    }
    save(folder(), "a", point(5), new Retention(1, false));
    assertThat(folder().listAll())
        .containsExactly(
            "step-00000005/manifest.json",
            "step-00000005/rank-00000.a.safetensors",
            "step-00000005/rank-00001.a.safetensors");
    assertThat(folder().folders()).containsExactly("step-00000005");
  }

  @Test
  void whatDeadAttemptsLeftGoesButNotWhatIsBeingWritten() throws Exception {
    save(folder(), "dead", point(9), new Retention(2, false));
    folder().write("step-00000003/rank-00000.dead.safetensors", new byte[3]);
    folder().write("step-00000008/rank-00001.alive.safetensors", new byte[3]);
    folder().write("notes.txt", new byte[3]);
    save(folder(), "alive", point(7), new Retention(2, false));
    assertThat(folder().listAll())
        .containsExactly(
            "notes.txt",
            "step-00000007/manifest.json",
            "step-00000007/rank-00000.alive.safetensors",
            "step-00000007/rank-00001.alive.safetensors",
            "step-00000008/rank-00001.alive.safetensors");
  }

  @Test
  void newestIsWholeWhereverWritingEnds() throws Exception {
    Retention one = new Retention(1, false);
    save(folder(), "first", point(1), one);
    AtomicInteger operations = new AtomicInteger();
    FaultyFolder counting =
        new FaultyFolder(folder(), (what, name) -> operations.incrementAndGet());
    save(counting, "second", point(2), one);
    int all = operations.get();
    assertThat(all).isGreaterThan(12);
    for (int dies = 1; dies <= all; dies++) {
      folder().deleteAll();
      save(folder(), "first", point(1), one);
      AtomicInteger left = new AtomicInteger(dies);
      FaultyFolder dying =
          new FaultyFolder(
              folder(),
              (what, name) -> {
                if (left.decrementAndGet() <= 0) {
                  throw new IOException("The process is gone.");
                }
              });
      save(dying, "second", point(2), one);
      List<Long> steps = new CheckpointFolder(folder()).steps();
      assertThat(steps).as("dies at operation %d of %d", dies, all).isNotEmpty();
      assertHolds(folder(), steps.get(0));
      save(folder(), "third", point(3), one);
      assertThat(folder().listAll()).hasSize(3).allMatch(name -> name.startsWith("step-00000003/"));
    }
  }

  @Test
  void everyChangedByteOfAManifestIsFound() throws Exception {
    save(folder(), "a", point(1), new Retention(1, false));
    Path file = temp.resolve("checkpoints/step-00000001/manifest.json");
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 1;
      Files.write(file, changed);
      assertThatThrownBy(() -> new CheckpointFolder(folder()).read(1))
          .as("byte %d", i)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("manifest.json");
    }
    for (int length = 0; length < bytes.length; length += 50) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> new CheckpointFolder(folder()).read(1))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void everyChangedByteOfAFileIsFound() throws Exception {
    save(folder(), "a", point(1), new Retention(1, false));
    Path file = temp.resolve("checkpoints/step-00000001/rank-00000.a.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i += 7) {
      byte[] changed = bytes.clone();
      changed[i] ^= 16;
      Files.write(file, changed);
      assertThatThrownBy(() -> assertHolds(folder(), 1))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("rank-00000.a.safetensors is damaged");
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatThrownBy(() -> assertHolds(folder(), 1))
        .hasMessageContaining(String.format(Locale.ROOT, "was written with %d", bytes.length));
  }

  @Test
  void slicesThatLackElementsAreNotCommitted() throws Exception {
    CheckpointFolder checkpoints = new CheckpointFolder(folder());
    try (PointerScope scope = new PointerScope();
        RankSaver saver = new RankSaver(checkpoints, "a", 0)) {
      saver.begin(1, slices(1, 0, 700), null);
      saver.await(WAIT_MILLIS);
      saver.commit(1, IDENTITY, point(1), new Retention(1, false));
      saver.await(WAIT_MILLIS);
      assertThat(saver.commitFailure()).hasMessageContaining("lack 800 elements");
    }
    assertThat(checkpoints.steps()).isEmpty();
  }

  @Test
  void whatIsWantedButNotThereIsNamed() throws Exception {
    save(folder(), "a", point(1), new Retention(1, false));
    CheckpointFolder checkpoints = new CheckpointFolder(folder());
    CheckpointManifest manifest = checkpoints.read(1);
    try (PointerScope scope = new PointerScope()) {
      Tensor values = torch.zeros(new long[] {1500}, new TensorOptions(ScalarType.Float));
      assertThatThrownBy(
              () ->
                  checkpoints.read(manifest, StateSlice.ofRange("exp_avg", "w", SHAPE, 0, values)))
          .hasMessageContaining("has no exp_avg of tensor w: 1500 of 1500 elements");
      assertThatThrownBy(
              () ->
                  checkpoints.read(
                      manifest,
                      StateSlice.ofRange(StateSlice.WEIGHT, "w", List.of(1500L), 0, values)))
          .hasMessageContaining("of shape [300, 5] there, but F32 of [1500] in this run");
    }
  }
}
