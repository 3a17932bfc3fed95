package dev.penstock.spark.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.comm.connect.LinkProbe;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosisTest {
  private static final long PLENTY = 100_000_000_000L;
  private static final LinkProbe FAST = new LinkProbe(1e9, 1e-4, 1000);

  private static Checkup.Kernels kernels(double gigaflops) {
    return new Checkup.Kernels(null, "avx512", gigaflops, 0);
  }

  private static Checkup.Gpus gpus(int onHost) {
    return new Checkup.Gpus(List.of(), onHost, false);
  }

  private static Checkup.Room room(long memory, long disk) {
    return new Checkup.Room(memory, PLENTY, "/disk", disk);
  }

  private static Checkup checkup(
      int rank,
      String natives,
      Checkup.Gpus gpus,
      Checkup.Kernels kernels,
      Checkup.Room room,
      @Nullable LinkProbe link,
      Map<String, String> paths) {
    return new Checkup(
        rank,
        new Checkup.Place("host" + rank, "" + rank, 4, 1),
        natives,
        gpus,
        kernels,
        room,
        link,
        List.of(),
        paths);
  }

  private static Checkup well(int rank) {
    return checkup(
        rank, "torch", gpus(0), kernels(50), room(PLENTY, PLENTY), FAST, Map.of("p", ""));
  }

  private static List<String> problems(Checkup second) {
    return Diagnosis.of(List.of(well(0), second)).stream()
        .map(problem -> (problem.fatal() ? "! " : "") + problem.where() + ": " + problem.text())
        .toList();
  }

  @Test
  void nothingIsWrongWithLikeExecutors() {
    assertThat(problems(well(1))).isEmpty();
  }

  private static Checkup ill(Map<String, String> unseenPaths) {
    return checkup(
        1,
        "torch",
        gpus(8),
        kernels(20),
        room(1_000_000_000L, 2_000_000_000L),
        new LinkProbe(5e7, 1e-2, 9000),
        unseenPaths);
  }

  @Test
  void eachProblemNamesTheRankAndTheRemedy() {
    assertThat(problems(ill(Map.of("p", "FileNotFoundException: p"))))
        .hasSize(8)
        .first()
        .asString()
        .startsWith("! rank 1: p: FileNotFoundException: p. Other ranks see it");
    assertThat(problems(ill(Map.of())))
        .anyMatch(text -> text.contains("spark.task.resource.gpu.amount"))
        .anyMatch(text -> text.contains("20 GFLOP/s, but the fastest 50"))
        .anyMatch(text -> text.contains("1.0 GB of memory left"))
        .anyMatch(text -> text.contains("/disk has 2.0 GB left"))
        .anyMatch(text -> text.startsWith("all ranks: Clocks differ by 8.0 s"))
        .anyMatch(text -> text.contains("50 MB/s"))
        .anyMatch(text -> text.contains("10.0 ms"))
        .noneMatch(text -> text.startsWith("!"));
  }

  @Test
  void nativesThatDifferAreFatal() {
    assertThat(
            problems(
                checkup(
                    1,
                    "torch of another version",
                    gpus(0),
                    kernels(50),
                    room(PLENTY, PLENTY),
                    FAST,
                    Map.of())))
        .singleElement()
        .asString()
        .startsWith("! all ranks: Executors have native libraries of different versions");
  }

  @ParameterizedTest
  @CsvSource({
    "Haswell, avx512, true",
    "HASWELL, avx2, false",
    "Zen, avx512, true",
    "Sandybridge, avx2, true",
    "SkylakeX, avx512, false",
    "SkylakeX, avx2, false",
    ", avx512, false",
    "Haswell, '', false"
  })
  void kernelsOlderThanTheProcessorAreTold(
      @Nullable String forced, String instructions, boolean told) {
    String problem = Diagnosis.tooOldKernels(new Checkup.Kernels(forced, instructions, 10, 0));
    assertThat(problem != null).isEqualTo(told);
    if (problem != null) {
      assertThat(problem).contains("OPENBLAS_CORETYPE=" + forced, "1.6", "unset");
    }
  }
}
