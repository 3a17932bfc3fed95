package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.HeldSlots;
import dev.penstock.spark.TestSpark;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class DoctorCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    TestSpark.session();
  }

  @Test
  void ranksOfOneProcessAreLookedOver() {
    assertThat(run("doctor", "--ranks", "2", folder.toUri().toString()))
        .as(errors.toString() + out)
        .isZero();
    assertThat(out.toString())
        .containsPattern("natives of 2 ranks: pytorch \\S+, openblas \\S+, \\w+")
        .containsPattern("(?m)^   0  driver .* MB/s, [\\d.]+ ms")
        .containsPattern("(?m)^   1  driver ");
  }

  @Test
  void pathThatIsNotThereComesFirst() {
    String missing = folder.resolve("missing").toUri().toString();
    assertThat(run("doctor", "--ranks", "1", missing)).isEqualTo(2);
    assertThat(out.toString())
        .startsWith("ERROR    rank 0: " + missing + ": FileNotFoundException")
        .contains("Use a path that is there and may be read.");
  }

  @Test
  void moreRanksThanSlotsAreRefused() {
    assertThat(run("doctor", "--ranks", "99")).isEqualTo(2);
    assertThat(errors.toString()).contains("99 ranks need as many task slots");
    assertThat(run("doctor", "--ranke", "2")).isEqualTo(2);
    assertThat(run("doctor", "--ranks", "-1")).isEqualTo(2);
  }

  @Test
  void slotsThatOtherWorkHoldsAreNotWaitedForWithoutLimit() throws Exception {
    try (HeldSlots held = HeldSlots.take(TestSpark.session().sparkContext(), 4)) {
      assertThat(run("doctor", "--ranks", "2", "--wait", "1")).isEqualTo(2);
    }
    assertThat(errors.toString())
        .contains("Could not look the executors over within 1 s", "'countAsync at HeldSlots.java");
  }

  private int run(String... args) {
    return Penstock.run(List.of(args), new PrintWriter(out, true), new PrintWriter(errors, true));
  }
}
