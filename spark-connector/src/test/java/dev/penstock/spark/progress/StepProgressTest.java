package dev.penstock.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.train.RankSnapshot;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StepProgressTest {
  private final List<String> lines = new ArrayList<>();

  @Test
  void linesComeForTheFirstEveryIntervalAndTheLast() {
    StepProgress progress = progress(25, 10, lines::add);
    progress.accept(steps(1, 25), List.of());
    assertThat(lines)
        .extracting(line -> line.substring(0, line.indexOf("  ")))
        .containsExactly("step 1/25", "step 10/25", "step 20/25", "step 25/25");
  }

  @Test
  void stepsSeenBeforeAreSkipped() {
    StepProgress progress = progress(25, 1, lines::add);
    progress.accept(steps(1, 3), List.of());
    progress.accept(steps(2, 5), List.of());
    assertThat(lines).hasSize(5);
  }

  @Test
  void paceAndTimeLeftFollowFromTheStepsSinceTheLastLine() {
    StepProgress progress = progress(100, 10, lines::add);
    progress.accept(steps(1, 20), List.of());
    assertThat(lines.get(2))
        .isEqualTo(
            "step 20/100  loss 3.2500  grad norm 1.500  lr 1.00e-03  1,000 tokens/s  ETA 2m 40s");
  }

  @Test
  void memoryIsThatOfTheLargestProcess() {
    StepProgress progress = progress(1, 1, lines::add);
    StepReport step = new StepReport(1, 3.25, 1.5, 1e-3, 1000, 1000, 1.0, 1_230_000_000L, 0);
    progress.accept(List.of(step), List.of());
    assertThat(lines.get(0)).contains("1,000 tokens/s  1.23 GB  ETA");
  }

  @Test
  void consumerThatThrowsMissesItsLineAlone() {
    StepProgress progress =
        progress(
            4,
            1,
            line -> {
              if (line.startsWith("step 2/4")) {
                throw new IllegalStateException("full");
              }
              if (line.startsWith("step 3/4")) {
                throw new AssertionError("broken");
              }
              lines.add(line);
            });
    progress.accept(steps(1, 4), List.of());
    progress.tell("ended");
    assertThat(lines).hasSize(3);
    assertThat(lines.get(2)).isEqualTo("ended");
  }

  @Test
  void validationsComeBehindTheirSteps() {
    StepProgress progress = progress(4, 1, lines::add);
    List<ValidationReport> validations =
        List.of(new ValidationReport(2, 1.0, 10), new ValidationReport(4, 2.0, 10));
    progress.accept(steps(1, 2), validations);
    progress.accept(steps(1, 4), validations);
    assertThat(lines)
        .extracting(line -> line.substring(0, "step 1/4  lo".length()))
        .containsExactly(
            "step 1/4  lo",
            "step 2/4  lo",
            "step 2/4  va",
            "step 3/4  lo",
            "step 4/4  lo",
            "step 4/4  va");
    assertThat(lines.get(2)).isEqualTo("step 2/4  validation loss 1.0000  perplexity 2.72");
  }

  @Test
  void onlyTheLatestStepsAreKept() {
    ReportChannel<StepReport> channel = new ReportChannel<>(StepReport.class, 100);
    steps(1, 1050).forEach(step -> channel.add(step, RunReports::words));
    assertThat(channel.kept()).isEqualTo(steps(901, 1050));
    assertThat(channel.shown())
        .isEqualTo("[step 1,050: loss 3.2500, gradient norm 1.500, learning rate 1.00e-03]");
  }

  @Test
  void ranksAreToldOfOnceAllToldOfTheSameStep() {
    List<FitEvent> events = new ArrayList<>();
    FitListeners listeners = new FitListeners();
    listeners.addDirect("events", events::add);
    StepProgress progress = new StepProgress(listeners);
    progress.acceptSnapshots(List.of(rank(10, 0), rank(20, 0)));
    progress.acceptSnapshots(List.of(rank(20, 0), rank(30, 0)));
    assertThat(events).isEmpty();
    progress.acceptSnapshots(List.of(rank(10, 1), rank(20, 1)));
    progress.acceptSnapshots(List.of(rank(10, 1), rank(20, 1)));
    progress.acceptSnapshots(List.of(rank(20, 0), rank(30, 0)));
    assertThat(events)
        .containsExactly(new FitEvent.Measured(20, List.of(rank(20, 0), rank(20, 1))));
    progress.begin(2, 5);
    progress.acceptSnapshots(List.of(rank(15, 0), rank(15, 1)));
    assertThat(events)
        .last()
        .isEqualTo(new FitEvent.Measured(15, List.of(rank(15, 0), rank(15, 1))));
  }

  private static RankSnapshot rank(long step, int ppRank) {
    return new RankSnapshot(step, ppRank, 2, 1000, List.of());
  }

  @Test
  void linesToTheLogAreTenSecondsApart() {
    long[] now = {0};
    FitAudience log = new FitAudience(lines::add, Duration.ofSeconds(10), List.of());
    FitListeners listeners = new FitListeners();
    listeners.addDirect("lines", new ProgressLines(9, 1, log, () -> now[0]));
    StepProgress progress = new StepProgress(listeners);
    for (int step = 1; step <= 9; step++) {
      now[0] += Duration.ofSeconds(4).toNanos();
      progress.accept(steps(step, step), List.of());
    }
    assertThat(lines)
        .extracting(line -> line.substring(0, line.indexOf("  ")))
        .containsExactly("step 1/9", "step 4/9", "step 7/9", "step 9/9");
  }

  private static StepProgress progress(long steps, int interval, Consumer<String> lines) {
    FitListeners listeners = new FitListeners();
    listeners.addDirect(
        "lines", new ProgressLines(steps, interval, FitAudience.LOG.withLines(lines)));
    return new StepProgress(listeners);
  }

  private static List<StepReport> steps(long from, long to) {
    return LongStream.rangeClosed(from, to)
        .mapToObj(step -> new StepReport(step, 3.25, 1.5, 1e-3, 2000, 2000, 2.0))
        .toList();
  }
}
