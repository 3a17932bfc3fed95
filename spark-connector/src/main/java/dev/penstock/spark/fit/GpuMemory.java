package dev.penstock.spark.fit;

import dev.penstock.engine.torch.HostGpus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** How much memory the GPUs of this host have, by the tool that comes with NVIDIA's driver. */
final class GpuMemory {
  private static final String[] QUERY = {
    "nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"
  };
  private static final long SECONDS = 20;

  private GpuMemory() {}

  /** Bytes of the smallest GPU, in use or not; 0: there is none, or the tool does not say. */
  static long ofSmallest() {
    if (HostGpus.count() == 0) {
      return 0;
    }
    try {
      Process query =
          new ProcessBuilder(QUERY).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try {
        if (!query.waitFor(SECONDS, TimeUnit.SECONDS)) { // a line a GPU fits into the pipe
          return 0;
        }
        return smallest(
            new String(query.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
      } finally {
        query.destroyForcibly();
      }
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** The least of what the tool answers: MiB, a line a GPU; what is no number does not count. */
  static long smallest(String answer) {
    OptionalLong least =
        answer
            .lines()
            .map(String::strip)
            .filter(line -> line.matches("\\d{1,9}"))
            .mapToLong(Long::parseLong)
            .min();
    return least.isPresent() ? least.getAsLong() << 20 : 0;
  }
}
