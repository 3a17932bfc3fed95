package dev.penstock.examples.bench;

import dev.penstock.engine.torch.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch;

/** What a measurement ran on: a ratio of two programs is that of one processor. */
final class Machine {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String CORE = "Core: ";

  private Machine() {}

  /** Loads the natives in a process that OpenBLAS tells its kernels in. */
  public static void main(String[] args) {
    Threads.configure(1);
  }

  /** Name, model and instruction sets of the processor. */
  static Map<String, String> processor() throws IOException {
    Map<String, String> processor = new LinkedHashMap<>();
    if (!Files.isReadable(CPU_INFO)) {
      processor.put("arch", System.getProperty("os.arch"));
      return processor;
    }
    for (String line : Files.readAllLines(CPU_INFO)) {
      String[] parts = line.split(":", 2);
      String key = parts[0].strip();
      if (List.of("model name", "cpu family", "model").contains(key)) {
        processor.putIfAbsent(key, parts[1].strip());
      } else if (key.equals("flags")) {
        List<String> wide = new ArrayList<>(List.of(parts[1].strip().split(" ")));
        wide.removeIf(flag -> !flag.matches("avx2|avx512f|avx512_bf16|amx_bf16"));
        processor.putIfAbsent("instructions", String.join(" ", wide));
      }
    }
    return processor;
  }

  /** The kernels in use: torch's level of instructions, and the processor OpenBLAS takes it for. */
  static Map<String, String> kernels() throws IOException, InterruptedException {
    Map<String, String> kernels = new LinkedHashMap<>();
    kernels.put("torch", torch.get_cpu_capability().getString());
    ProcessBuilder child =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Machine.class.getName());
    child.environment().put("OPENBLAS_VERBOSE", "2");
    Process process = child.redirectErrorStream(true).start();
    try (var output = process.inputReader()) {
      output
          .lines()
          .filter(line -> line.startsWith(CORE))
          .findFirst()
          .ifPresent(line -> kernels.put("openblas", line.substring(CORE.length()).strip()));
      output.lines().forEach(line -> {});
    }
    process.waitFor();
    return kernels;
  }
}
