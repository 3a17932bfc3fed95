package dev.penstock.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.train.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StepProgressTest {
  private final List<String> lines = new ArrayList<>();

  @Test
  void linesComeForTheFirstEveryIntervalAndTheLast() {
    StepProgress progress = new StepProgress(25, 10, lines::add);
    progress.accept(steps(1, 25));
    assertThat(lines)
        .extracting(line -> line.substring(0, line.indexOf("  ")))
        .containsExactly("step 1/25", "step 10/25", "step 20/25", "step 25/25");
  }

  @Test
  void stepsSeenBeforeAreSkipped() {
    StepProgress progress = new StepProgress(25, 1, lines::add);
    progress.accept(steps(1, 3));
    progress.accept(steps(2, 5));
    assertThat(lines).hasSize(5);
  }

  @Test
  void paceAndTimeLeftFollowFromTheStepsSinceTheLastLine() {
    StepProgress progress = new StepProgress(100, 10, lines::add);
    progress.accept(steps(1, 20));
    assertThat(lines.get(2))
        .isEqualTo(
            "step 20/100  loss 3.2500  grad norm 1.500  lr 1.00e-03  1,000 tokens/s  ETA 2m 40s");
  }

  @Test
  void accumulatorKeepsTheLatestStepsOnly() {
    StepAccumulator accumulator = new StepAccumulator();
    steps(1, 1000).forEach(accumulator::add);
    assertThat(accumulator.value().steps()).hasSize(256);
    assertThat(accumulator.value()).hasToString("step 1000, loss 3.2500");
    assertThat(accumulator.copy().value()).isEqualTo(accumulator.value());
    accumulator.reset();
    assertThat(accumulator.isZero()).isTrue();
  }

  private static List<StepReport> steps(long from, long to) {
    return LongStream.rangeClosed(from, to)
        .mapToObj(step -> new StepReport(step, 3.25, 1.5, 1e-3, 2000, 2000, 2.0))
        .toList();
  }
}
