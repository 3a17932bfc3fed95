package dev.penstock.engine.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The GPUs of a host, by what NVIDIA's driver tells without a tool. */
public final class HostGpus {
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/gpus");

  private HostGpus() {}

  /** How many there are; 0 where there is no driver. */
  public static int count() {
    try (Stream<Path> gpus = Files.list(DRIVER)) {
      return (int) gpus.count();
    } catch (IOException e) {
      return 0;
    }
  }
}
