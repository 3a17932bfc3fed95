package dev.penstock.spark.doctor;

import dev.penstock.engine.comm.connect.LinkProbe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with the executors of a cluster, what is worst first. */
final class Diagnosis {
  /**
   * Something wrong.
   *
   * @param fatal whether no run is possible
   * @param where on which ranks
   * @param text what, and the remedy
   */
  record Problem(boolean fatal, String where, String text) {}

  private static final double GIGA = 1e9;
  private static final long LITTLE_DISK = 5_000_000_000L;
  private static final long LITTLE_MEMORY = 2_000_000_000L;
  private static final long MUCH_SKEW_MILLIS = 1000;
  private static final double SLOW = 0.6;
  private static final double SLOW_LINK = 1e8;
  private static final double LATE_LINK = 5e-3;

  /** Kernels by OPENBLAS_CORETYPE that use each level of instructions. */
  private static final Set<String> AVX512 = Set.of("skylakex", "cooperlake", "sapphirerapids");

  private static final Set<String> AVX2 = Set.of("haswell", "zen");

  private final List<Checkup> checkups;
  private final List<Problem> problems = new ArrayList<>();

  private Diagnosis(List<Checkup> checkups) {
    this.checkups = checkups;
  }

  /** The problems; none if all is well. */
  static List<Problem> of(List<Checkup> checkups) {
    Diagnosis diagnosis = new Diagnosis(checkups);
    checkups.forEach(diagnosis::each);
    diagnosis.together();
    return diagnosis.problems.stream()
        .distinct()
        .sorted(Comparator.comparing(problem -> !problem.fatal))
        .toList();
  }

  private void each(Checkup checkup) {
    checkup.problems().forEach(text -> add(true, checkup, text));
    checkup
        .paths()
        .forEach(
            (path, problem) -> {
              if (!problem.isEmpty()) {
                add(
                    true,
                    checkup,
                    String.format(Locale.ROOT, "%s: %s.%s", path, problem, remedyOfPath(path)));
              }
            });
    String kernels = tooOldKernels(checkup.kernels());
    if (kernels != null) {
      add(false, checkup, kernels);
    }
    gpus(checkup);
    room(checkup);
    if (checkup.link() != null && checkup.link().bytesPerSecond() < SLOW_LINK) {
      add(
          false,
          checkup,
          String.format(
              Locale.ROOT,
              "Tensors come at %.0f MB/s to the next rank: put executors on hosts of one network, or name a faster rankInterface.",
              checkup.link().bytesPerSecond() / 1e6));
    }
    if (checkup.link() != null && checkup.link().latencySeconds() > LATE_LINK) {
      add(
          false,
          checkup,
          String.format(
              Locale.ROOT,
              "A message takes %.1f ms to the next rank, which each microbatch waits for: put executors on hosts that are near each other.",
              1e3 * checkup.link().latencySeconds()));
    }
  }

  private String remedyOfPath(String path) {
    boolean elsewhere = checkups.stream().anyMatch(other -> "".equals(other.paths().get(path)));
    return elsewhere
        ? " Other ranks see it: use a file system that all executors reach."
        : " Use a path that is there and may be read.";
  }

  /** What OPENBLAS_CORETYPE costs, or null. */
  static @Nullable String tooOldKernels(Checkup.Kernels kernels) {
    String forced = kernels.forced();
    if (forced == null || forced.isBlank() || kernels.instructions().isEmpty()) {
      return null;
    }
    String name = forced.toLowerCase(Locale.ROOT);
    boolean wide = AVX512.contains(name);
    boolean enough = kernels.instructions().equals("avx512") ? wide : wide || AVX2.contains(name);
    return enough
        ? null
        : String.format(
            Locale.ROOT,
            "OPENBLAS_CORETYPE=%s makes OpenBLAS use kernels that leave the processor's %s aside, which takes up to 1.6 times the time: unset it for the executors (spark.executorEnv.OPENBLAS_CORETYPE).",
            forced,
            kernels.instructions());
  }

  private void gpus(Checkup checkup) {
    if (checkup.gpus().given().isEmpty() && checkup.gpus().onHost() > 0) {
      add(
          false,
          checkup,
          String.format(
              Locale.ROOT,
              "The host has %d GPUs, but Spark gives the task none: set spark.executor.resource.gpu.amount and spark.task.resource.gpu.amount=1.",
              checkup.gpus().onHost()));
    }
  }

  private void room(Checkup checkup) {
    Checkup.Room room = checkup.room();
    if (room.memoryBytes() < LITTLE_MEMORY) {
      add(
          false,
          checkup,
          String.format(
              Locale.ROOT,
              "The host has %.1f GB of memory left: end other programs, or use a larger one.",
              room.memoryBytes() / GIGA));
    }
    if (room.diskBytes() < LITTLE_DISK) {
      add(
          false,
          checkup,
          String.format(
              Locale.ROOT,
              "%s has %.1f GB left: free some, or set spark.local.dir to another disk.",
              room.disk(),
              room.diskBytes() / GIGA));
    }
  }

  private void together() {
    if (checkups.stream().map(Checkup::natives).filter(text -> !text.isEmpty()).distinct().count()
        > 1) {
      addForAll(
          true,
          "Executors have native libraries of different versions or other instructions, so their numbers differ: give all the same jars and processors.");
    }
    LongSummaryStatistics clocks =
        checkups.stream()
            .map(Checkup::link)
            .filter(Objects::nonNull)
            .mapToLong(LinkProbe::clockMillis)
            .summaryStatistics();
    if (clocks.getCount() > 0 && clocks.getMax() - clocks.getMin() > MUCH_SKEW_MILLIS) {
      addForAll(
          false,
          String.format(
              Locale.ROOT,
              "Clocks differ by %.1f s, by which leases of folders are judged: run a time service (chrony, ntpd) on the hosts.",
              (clocks.getMax() - clocks.getMin()) / 1e3));
    }
    double fastest =
        checkups.stream().mapToDouble(checkup -> checkup.kernels().gigaflops()).max().orElse(0);
    for (Checkup checkup : checkups) {
      double rate = checkup.kernels().gigaflops();
      if (rate > 0 && rate < SLOW * fastest) {
        add(
            false,
            checkup,
            String.format(
                Locale.ROOT,
                "A core does %.0f GFLOP/s, but the fastest %.0f, and a pipeline is as fast as its slowest rank: use hosts alike, with no other load.",
                rate,
                fastest));
      }
    }
    crowded();
  }

  private void crowded() {
    checkups.stream()
        .collect(Collectors.groupingBy(checkup -> checkup.where().host()))
        .forEach(
            (host, ranks) -> {
              int wanted = ranks.stream().mapToInt(rank -> rank.where().taskCores()).sum();
              int there = ranks.get(0).where().processors();
              if (wanted > there) {
                add(
                    false,
                    ranks.get(0),
                    String.format(
                        Locale.ROOT,
                        "The tasks on %s take %d cores, but it has %d: give its executors fewer cores (spark.executor.cores).",
                        host,
                        wanted,
                        there));
              }
            });
  }

  private void add(boolean fatal, Checkup checkup, String text) {
    problems.add(new Problem(fatal, "rank " + checkup.rank(), text));
  }

  private void addForAll(boolean fatal, String text) {
    problems.add(new Problem(fatal, "all ranks", text));
  }
}
