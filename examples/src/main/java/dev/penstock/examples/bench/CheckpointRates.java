package dev.penstock.examples.bench;

import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.RankSaver;
import dev.penstock.engine.checkpoint.StateSlice;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** GB/s of copying a rank's state and of writing it until the disk has it, against dd. */
record CheckpointRates(Path folder, long bytes) {
  private static final int REPEAT = 3;
  private static final String ATTEMPT = "rate";

  Map<String, Double> measure() throws IOException {
    Rates rates = new Rates();
    long numel = bytes / Float.BYTES;
    CheckpointFolder target = new CheckpointFolder(new LocalFolder(folder.resolve(ATTEMPT)));
    try (TensorOptions options = HostTensors.options(ScalarType.Float, "cpu");
        Tensor values = torch.ones(new long[] {numel}, options);
        RankSaver saver = new RankSaver(target, ATTEMPT, 0)) {
      List<StateSlice> state =
          StateSlice.ofRange(StateSlice.WEIGHT, "state", List.of(numel), 0, values);
      saver.begin(0, state, null); // allocates
      await(saver);
      DiskCopy dd = new DiskCopy(file(0), folder.resolve("copy"));
      for (int i = 0; i < REPEAT; i++) {
        rates.time("copy", () -> saver.begin(0, state, null));
        rates.time("write", () -> await(saver));
        rates.time("dd_write", dd::write);
      }
    }
    return rates.gigabytesPerSecond(bytes);
  }

  private Path file(long step) {
    return folder
        .resolve(ATTEMPT)
        .resolve(CheckpointFolder.nameOf(step))
        .resolve("rank-00000." + ATTEMPT + ".safetensors");
  }

  private static void await(RankSaver saver) throws IOException {
    try {
      while (!saver.await(Long.MAX_VALUE)) {
        // it takes as long as it takes
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while a checkpoint was written.");
    }
    if (saver.failure() != null) {
      throw new IOException(saver.failure());
    }
  }
}
