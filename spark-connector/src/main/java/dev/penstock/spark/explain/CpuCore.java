package dev.penstock.spark.explain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A usual core of a server, by the widest instructions that a processor says it has.
 *
 * @param flops operations a second in products of float32
 * @param described for who reads the forecast
 */
record CpuCore(double flops, String described) {
  private static final CpuCore AVX512 = new CpuCore(120e9, "a usual core with AVX-512");
  private static final CpuCore AVX2 = new CpuCore(70e9, "a usual core with AVX2");
  private static final CpuCore ANY = new CpuCore(50e9, "a usual core of a server");
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** That of this machine. */
  static CpuCore ofThisMachine() {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return of(lines.filter(line -> line.startsWith("flags")).findFirst().orElse(""));
    } catch (IOException e) {
      return ANY; // no Linux
    }
  }

  /** That of the line in which Linux lists what a processor can do. */
  static CpuCore of(String flags) {
    Set<String> names = Set.copyOf(Stream.of(flags.split("\\s+")).distinct().toList());
    return names.contains("avx512f") ? AVX512 : names.contains("avx2") ? AVX2 : ANY;
  }
}
