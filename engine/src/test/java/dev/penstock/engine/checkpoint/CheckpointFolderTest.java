package dev.penstock.engine.checkpoint;

import static dev.penstock.engine.checkpoint.TestingCheckpoint.SMALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.storage.FaultyFolder;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFolderTest extends CheckpointContract {
  private static final long WAIT_MILLIS = 30_000;

  @TempDir Path temp;

  @Override
  protected Folder folder() {
    return new LocalFolder(temp.resolve("checkpoints"));
  }

  @Test
  void newestIsWholeWhicheverChangeFails() throws Exception {
    assertNewestIsWhole(
        changes -> {
          AtomicInteger left = new AtomicInteger(changes);
          return new FaultyFolder(
              folder(),
              (change, name) -> {
                if (left.getAndDecrement() == 0) {
                  throw new IOException("No space left on device");
                }
              });
        });
  }

  @Test
  void everyChangedByteOfAManifestIsFound() throws Exception {
    SMALL.save(folder(), "a", 1);
    Path file = temp.resolve("checkpoints/step-00000001/manifest.json");
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= (byte) (1 << i % 8);
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
    SMALL.save(folder(), "a", 1);
    Path file = temp.resolve("checkpoints/step-00000001/rank-00000.a.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i += 7) {
      byte[] changed = bytes.clone();
      changed[i] ^= 16;
      Files.write(file, changed);
      assertThatThrownBy(() -> SMALL.assertHolds(folder(), 1))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("rank-00000.a.safetensors is damaged");
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertThatThrownBy(() -> SMALL.assertHolds(folder(), 1))
        .hasMessageContaining(String.format(Locale.ROOT, "was written with %d", bytes.length));
  }

  @Test
  void slicesThatLackElementsAreNotCommitted() throws Exception {
    CheckpointFolder checkpoints = new CheckpointFolder(folder());
    try (PointerScope scope = new PointerScope();
        RankSaver saver = new RankSaver(checkpoints, "a", 0)) {
      saver.begin(1, SMALL.slices(1, 0, 700), null);
      saver.await(WAIT_MILLIS);
      saver.commit(
          1, TestingCheckpoint.IDENTITY, TestingCheckpoint.point(1), new Retention(1, false));
      saver.await(WAIT_MILLIS);
      assertThat(saver.commitFailure()).hasMessageContaining("lack 800 elements");
    }
    assertThat(checkpoints.steps()).isEmpty();
  }

  @Test
  void whatIsWantedButNotThereIsNamed() throws Exception {
    SMALL.save(folder(), "a", 1);
    CheckpointFolder checkpoints = new CheckpointFolder(folder());
    CheckpointManifest manifest = checkpoints.read(1);
    try (PointerScope scope = new PointerScope()) {
      Tensor values = torch.zeros(new long[] {1500}, new TensorOptions(ScalarType.Float));
      assertThatThrownBy(
              () ->
                  checkpoints.read(
                      manifest, StateSlice.ofRange("exp_avg", "w", SMALL.shape(), 0, values)))
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
