package dev.penstock.engine.torch;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The processor of a machine, as far as it decides what may be computed on it.
 *
 * @param architecture e.g. {@code amd64}, as Java names it
 * @param vendor e.g. {@code AuthenticAMD}, as the processor calls itself; empty where that is not
 *     told
 * @param instructions what it can do, as Linux names it, e.g. {@code avx512_bf16}; empty where that
 *     is not told
 */
public record Processor(String architecture, String vendor, Set<String> instructions)
    implements Serializable {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String TILES = "amx_bf16";
  private static final String VECTORS = "avx512_bf16";
  private static final String AMD = "AuthenticAMD";

  public Processor {
    instructions = Set.copyOf(instructions);
  }

  /** Read when it is first needed. */
  private static final class ThisMachine {
    static final Processor PROCESSOR = read();
  }

  /** The processor that this runs on. */
  public static Processor ofThisMachine() {
    return ThisMachine.PROCESSOR;
  }

  private static Processor read() {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return of(System.getProperty("os.arch"), lines.toList());
    } catch (IOException e) {
      return of(System.getProperty("os.arch"), List.of());
    }
  }

  /** Reads the lines of {@code /proc/cpuinfo}. */
  static Processor of(String architecture, List<String> cpuInfo) {
    return new Processor(
        architecture, value(cpuInfo, "vendor_id"), Set.of(value(cpuInfo, "flags").split("\\s+")));
  }

  private static String value(List<String> cpuInfo, String key) {
    return cpuInfo.stream()
        .filter(line -> line.startsWith(key))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .orElse("");
  }

  /**
   * Whether products in bfloat16 are faster than in float32, as measured: by AMX, and by
   * AVX512_BF16 on AMD's processors. By AVX512_BF16 alone Intel's are slower, and what has neither
   * computes by way of float32.
   */
  public boolean multipliesBfloat16() {
    return isX86()
        && (instructions.contains(TILES) || (instructions.contains(VECTORS) && vendor.equals(AMD)));
  }

  /** Why bfloat16 is refused on this processor, and the remedy: a sentence's end, and another. */
  public String whyNotBfloat16() {
    return "the processor "
        + whatIsMissing()
        + ". Set precision (model.torch_dtype) to float32, or use processors with AMX (Intel Xeon from the fourth generation on) or AMD's with AVX512_BF16 (EPYC from Zen 4 on), or GPUs.";
  }

  private String whatIsMissing() {
    if (!isX86()) {
      return "is of architecture %s, on which products in bfloat16 were never measured"
          .formatted(architecture);
    }
    if (instructions.contains(VECTORS)) {
      return "has avx512_bf16 without amx_bf16, by which products in bfloat16 were measured at 0.7 times the rate of float32 on one of Intel's";
    }
    return instructions.contains("avx512f")
        ? "has neither amx_bf16 nor avx512_bf16, so that products in bfloat16 take 4 times as long as in float32"
        : "has neither amx_bf16 nor avx512_bf16 nor AVX-512, so that products in bfloat16 take 7 to 100 times as long as in float32";
  }

  private boolean isX86() {
    return architecture.equals("amd64") || architecture.equals("x86_64");
  }
}
