package dev.penstock.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
  /** A process that starts on an empty folder, or on one that another is filling. */
  static final class Starting {
    private Starting() {}

    public static void main(String[] args) {
      Threads.configure(1);
      try (Tensor ones = torch.ones(3)) {
        System.out.println(ones.numel());
      }
    }
  }

  private static Process start(Path cache, Path log) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Dorg.bytedeco.javacpp.cachedir=" + cache,
            Starting.class.getName())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  @Test
  @Timeout(120)
  void processesThatStartTogetherFillTheFolderOnce(@TempDir Path folder) throws Exception {
    Path cache = folder.resolve("cache");
    List<Process> processes = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        processes.add(start(cache, folder.resolve(i + ".log")));
      }
      for (int i = 0; i < 2; i++) {
        assertThat(processes.get(i).waitFor(100, TimeUnit.SECONDS)).isTrue();
        assertThat(folder.resolve(i + ".log")).content().endsWith("3\n");
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    assertThat(cache.resolve(".penstock.lock")).exists();
    try (Stream<Path> files = java.nio.file.Files.walk(cache)) {
      assertThat(files.filter(file -> file.endsWith("libtorch_cpu.so"))).hasSize(1);
    }
  }
}
