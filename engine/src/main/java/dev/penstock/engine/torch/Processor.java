package dev.penstock.engine.torch;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The processor of a machine, as far as it decides what may be computed on it.
 *
 * @param architecture e.g. {@code amd64}, as Java names it
 * @param instructions what it can do, as Linux names it, e.g. {@code avx512_bf16}; empty where that
 *     is not told
 */
public record Processor(String architecture, Set<String> instructions) implements Serializable {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final List<String> BFLOAT16 = List.of("avx512_bf16", "amx_bf16");
  private static final List<String> WIDE = List.of("avx2", "avx512f");

  public Processor {
    instructions = Set.copyOf(instructions);
  }

  /** The processor that this runs on. */
  public static Processor ofThisMachine() {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return of(System.getProperty("os.arch"), lines.toList());
    } catch (IOException e) {
      return of(System.getProperty("os.arch"), List.of());
    }
  }

  /** Reads the lines of {@code /proc/cpuinfo}. */
  static Processor of(String architecture, List<String> cpuInfo) {
    return new Processor(
        architecture,
        cpuInfo.stream()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
            .orElse(Set.of()));
  }

  /**
   * Whether products in bfloat16 are faster than in float32: where an x86-64 processor has
   * instructions for them. Elsewhere they are computed by way of float32.
   */
  public boolean multipliesBfloat16() {
    return isX86() && BFLOAT16.stream().anyMatch(instructions::contains);
  }

  /** Why bfloat16 is refused on this processor, with the remedy; ends a sentence's subject. */
  public String whyNotBfloat16() {
    String what =
        isX86()
            ? "has neither of %s (it has %s), so products in bfloat16 take 10 to 100 times as long as in float32"
                .formatted(String.join(" and ", BFLOAT16), of(WIDE))
            : "is of architecture %s, where products in bfloat16 were never measured"
                .formatted(architecture);
    return "the processor "
        + what
        + ". Set precision (model.torch_dtype) to float32, or use x86-64 processors with AVX512_BF16 or AMX (Xeon from the fourth generation on, EPYC from Zen 4 on), or GPUs.";
  }

  private boolean isX86() {
    return architecture.equals("amd64") || architecture.equals("x86_64");
  }

  private String of(List<String> names) {
    Set<String> there = new TreeSet<>(names);
    there.retainAll(instructions);
    return there.isEmpty() ? "neither of " + String.join(" and ", names) : String.join(", ", there);
  }
}
