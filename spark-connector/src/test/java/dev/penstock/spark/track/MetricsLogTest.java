package dev.penstock.spark.track;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.TestEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir Path temp;
  private HadoopFolder folder;

  @BeforeEach
  void openFolder() throws IOException {
    folder = HadoopFolder.of(temp.toUri().toString(), new Configuration());
  }

  private static StepReport report(long step) {
    return new StepReport(step, 3.5, 0.25, 1e-3, 90, 100, 0.5);
  }

  private static FitEvent step(long step) {
    return new FitEvent.Stepped(report(step));
  }

  private List<String> lines() throws IOException {
    Path file = temp.resolve("metrics.jsonl");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  @Test
  void lineCanBeReadAsSoonAsItsStepIsOver() throws IOException {
    MetricsLog log = new MetricsLog(folder, null, false);
    log.on(new FitEvent.AttemptStarted(1, 0));
    log.on(step(1));
    assertThat(lines())
        .containsExactly(
            "{\"step\":1,\"loss\":3.5,\"grad_norm\":0.25,\"lr\":0.001,\"tokens\":100,"
                + "\"tokens_per_second\":200,\"seconds\":0.5}");
    log.on(step(2));
    assertThat(lines()).hasSize(2);
    log.close();
    assertThat(lines()).hasSize(2);
  }

  @Test
  void validationIsInTheLineOfItsStep() throws IOException {
    MetricsLog log = new MetricsLog(folder, null, true);
    log.on(TestEvents.planned("fit", "fit", 3, 2, temp));
    log.on(new FitEvent.AttemptStarted(1, 0));
    log.on(step(1));
    log.on(step(2));
    assertThat(lines()).hasSize(1);
    log.on(new FitEvent.Validated(new ValidationReport(2, Double.NaN, 10)));
    assertThat(lines()).hasSize(2).last().asString().endsWith(",\"validation_loss\":\"NaN\"}");
    log.on(step(3));
    log.close(); // the run ended before its validation
    assertThat(lines()).hasSize(3).last().asString().startsWith("{\"step\":3,");
  }

  @Test
  void runThatGoesOnKeepsTheLinesOfBeforeItsCheckpoint() throws IOException {
    Files.writeString(
        temp.resolve("metrics.jsonl"),
        """
        {"step":1,"loss":1.0}
        {"step":2,"loss":1.0}
        {"step":3,"loss":1.0}
        {"step":4,"lo""");
    MetricsLog log = new MetricsLog(folder, folder, false);
    log.on(new FitEvent.AttemptStarted(1, 2));
    log.on(step(3));
    log.on(new FitEvent.AttemptStarted(2, 2)); // steps that were told are not told again
    log.on(step(4));
    log.close();
    assertThat(lines())
        .extracting(line -> line.substring(0, line.indexOf(',')))
        .containsExactly("{\"step\":1", "{\"step\":2", "{\"step\":3", "{\"step\":4");
    assertThat(lines().get(2)).contains("\"loss\":3.5");
  }

  @Test
  void runThatBeginsAnewReplacesOlderLines() throws IOException {
    Files.writeString(temp.resolve("metrics.jsonl"), "{\"step\":1,\"loss\":1.0}\n");
    MetricsLog log = new MetricsLog(folder, null, false);
    log.on(new FitEvent.AttemptStarted(1, 0));
    assertThat(lines()).hasSize(1);
    log.on(step(1));
    log.close();
    assertThat(lines()).hasSize(1).first().asString().contains("\"loss\":3.5");
  }

  @Test
  void completeRunHasEveryStepThoughSomeWerePassedOver() throws IOException {
    MetricsLog log = new MetricsLog(folder, null, false);
    log.on(new FitEvent.AttemptStarted(1, 0));
    log.on(step(3));
    List<StepReport> all = List.of(report(1), report(2), report(3));
    log.on(TestEvents.completed(all, List.of(new ValidationReport(2, 1.5, 10)), temp));
    log.close();
    assertThat(lines()).hasSize(3);
    assertThat(lines().get(1)).endsWith(",\"validation_loss\":1.5}");
  }
}
