package dev.penstock.spark.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;

/** What the operating system tells of the host. */
final class HostFacts {
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private HostFacts() {}

  /** The widest instructions that OpenBLAS has kernels for. */
  static String instructions() {
    String flags = line(PROCESSOR, "flags");
    if (flags.contains(" avx512f") && flags.contains(" avx512vl")) {
      return "avx512";
    }
    return flags.contains(" avx2") ? "avx2" : "";
  }

  static Checkup.Room room() {
    File disk =
        Arrays.stream(SparkEnv.get().blockManager().diskBlockManager().localDirs())
            .min(Comparator.comparingLong(File::getUsableSpace))
            .orElseThrow();
    return new Checkup.Room(
        availableBytes(),
        Runtime.getRuntime().maxMemory() - Runtime.getRuntime().totalMemory(),
        disk.getPath(),
        disk.getUsableSpace());
  }

  /** What programs may still take, caches that would be given up included. */
  private static long availableBytes() {
    String digits = line(MEMORY, "MemAvailable").replaceAll("\\D", "");
    return digits.isEmpty()
        ? ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getFreeMemorySize()
        : Long.parseLong(digits) << 10;
  }

  private static String line(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(line -> line.startsWith(name)).findFirst().orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
