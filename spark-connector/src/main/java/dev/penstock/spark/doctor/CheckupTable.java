package dev.penstock.spark.doctor;

import dev.penstock.engine.comm.connect.LinkProbe;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Problems first, then a line a rank. */
final class CheckupTable {
  private static final double GIGA = 1e9;
  private static final String HEADER =
      "rank  executor  host              cores  GFLOP/s    bf16  memory    heap    disk     clock  to next rank          GPUs";

  private CheckupTable() {}

  static String draw(List<Checkup> checkups, List<Diagnosis.Problem> problems) {
    StringBuilder text = new StringBuilder();
    if (problems.isEmpty()) {
      text.append("Nothing is wrong.\n");
    }
    for (Diagnosis.Problem problem : problems) {
      text.append(problem.fatal() ? "ERROR    " : "warning  ");
      text.append(problem.where()).append(": ").append(problem.text()).append('\n');
    }
    text.append("\nCores of the task of all, and what is free in GB:\n")
        .append(HEADER)
        .append('\n');
    long first =
        checkups.stream()
            .map(Checkup::link)
            .filter(Objects::nonNull)
            .mapToLong(LinkProbe::clockMillis)
            .min()
            .orElse(0);
    for (Checkup checkup : checkups) {
      text.append(row(checkup, first)).append('\n');
    }
    checkups.stream()
        .collect(Collectors.groupingBy(Checkup::natives, Collectors.counting()))
        .forEach(
            (natives, ranks) ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "natives of %d ranks: %s\n",
                        ranks,
                        natives.isEmpty() ? "none" : natives)));
    return text.toString();
  }

  private static String row(Checkup checkup, long firstMillis) {
    return String.format(
        Locale.ROOT,
        "%4d  %-8s  %-16s  %5s  %7.0f  %6s  %6.1f  %6.1f  %6.1f  %8s  %-20s  %s",
        checkup.rank(),
        checkup.where().executor(),
        checkup.where().host(),
        checkup.where().taskCores() + "/" + checkup.where().processors(),
        checkup.kernels().gigaflops(),
        bfloat16(checkup.kernels()),
        checkup.room().memoryBytes() / GIGA,
        checkup.room().heapBytes() / GIGA,
        checkup.room().diskBytes() / GIGA,
        checkup.link() == null ? "-" : checkup.link().clockMillis() - firstMillis + " ms",
        link(checkup.link()),
        gpus(checkup.gpus()));
  }

  /** A dash where a fit in bfloat16 is refused. */
  private static String bfloat16(Checkup.Kernels kernels) {
    return kernels.bfloat16Gigaflops() == 0
        ? "-"
        : String.format(Locale.ROOT, "%.0f", kernels.bfloat16Gigaflops());
  }

  private static String link(@Nullable LinkProbe link) {
    return link == null
        ? "-"
        : String.format(
            Locale.ROOT,
            "%.0f MB/s, %.2f ms",
            link.bytesPerSecond() / 1e6,
            1e3 * link.latencySeconds());
  }

  private static String gpus(Checkup.Gpus gpus) {
    String given = gpus.given().isEmpty() ? "none" : String.join(",", gpus.given());
    return gpus.onHost() == 0
        ? given
        : given + " of " + gpus.onHost() + (gpus.nccl() ? ", NCCL" : "");
  }
}
