package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.storage.FaultyFolder;
import dev.penstock.storage.FaultyFolder.Change;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointingTest {
  @TempDir Path temp;

  private static TrainingConfig config(int steps, int every) {
    return new TestingRun(2, 1, "1f1b", 2)
        .config(true)
        .withSteps(new StepConfig(steps, null, every, false));
  }

  private Folder folder() {
    return new LocalFolder(temp.resolve("checkpoints"));
  }

  @Test
  void stepsGoOnWhileACheckpointIsWritten() throws Exception {
    CountDownLatch laterStep = new CountDownLatch(1);
    FaultyFolder slow =
        new FaultyFolder(
            folder(),
            (change, name) -> {
              if (name.startsWith("step-00000002") && !await(laterStep)) {
                throw new IOException("No step was taken while this file was written.");
              }
            });
    ResumingRun run = ResumingRun.of(config(6, 2));
    List<RankResult> ranks =
        run.train(
            inputs(run, slow),
            report -> {
              if (report.step() == 4) {
                laterStep.countDown();
              }
            });
    assertThat(new CheckpointFolder(folder()).steps()).containsExactly(6L, 4L, 2L);
    assertThat(ranks)
        .allSatisfy(
            rank -> {
              assertThat(rank.checkpoints().problems()).isEmpty();
              assertThat(rank.checkpoints().saved()).isEqualTo(3);
              assertThat(rank.checkpoints().bytes()).isPositive();
              assertThat(rank.checkpoints().waitSeconds()).isPositive();
            });
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static CheckpointInputs inputs(ResumingRun run, Folder folder) {
    return new CheckpointInputs(folder, "a", run.identity(), 0, ResumingRun.RETENTION, null);
  }

  @Test
  void checkpointThatCannotBeWrittenIsReportedAndTheRunGoesOn() throws IOException {
    FaultyFolder full =
        new FaultyFolder(
            folder(),
            (change, name) -> {
              if (change == Change.WRITE && name.startsWith("step-00000004/rank-00001")) {
                throw new IOException("No space left on device");
              }
            });
    ResumingRun run = ResumingRun.of(config(6, 2));
    List<RankResult> ranks = run.train(inputs(run, full));
    assertThat(new CheckpointFolder(folder()).steps()).containsExactly(6L, 2L);
    assertThat(ranks.get(1).checkpoints().problems())
        .containsExactly("no checkpoint of step 4: No space left on device");
    assertThat(ranks.get(0).checkpoints().problems())
        .containsExactly("no checkpoint of step 4: 1 other ranks could not write");
    assertThat(ranks.get(0).checkpoints().saved()).isEqualTo(2);
  }

  @Test
  void commitThatFailsIsReported() throws IOException {
    FaultyFolder gone =
        new FaultyFolder(
            folder(),
            (change, name) -> {
              if (name.endsWith("step-00000004/manifest.json")) {
                throw new IOException("The store is gone.");
              }
            });
    ResumingRun run = ResumingRun.of(config(6, 2));
    List<RankResult> ranks = run.train(inputs(run, gone));
    assertThat(new CheckpointFolder(folder()).steps()).containsExactly(6L, 2L);
    assertThat(ranks.get(0).checkpoints().problems())
        .containsExactly("a checkpoint could not be committed: The store is gone.");
  }

  @Test
  void clockOfOneRankMakesCheckpoints() throws IOException {
    TrainingConfig config =
        config(100_000, 1).withSteps(new StepConfig(100_000, null, null, false));
    ResumingRun run = ResumingRun.of(config);
    CheckpointInputs inputs =
        new CheckpointInputs(folder(), "a", run.identity(), 1, ResumingRun.RETENTION, null);
    List<RankResult> ranks =
        run.trainUntil(inputs, () -> Files.exists(temp.resolve("checkpoints")));
    CheckpointSummary summary = ranks.get(0).checkpoints();
    assertThat(summary.stopped()).isTrue();
    List<Long> steps = new CheckpointFolder(folder()).steps();
    assertThat(steps).hasSizeGreaterThanOrEqualTo(2);
    long last = ranks.get(1).steps().size();
    assertThat(steps.get(0)).as("a run that is asked to end leaves its last step").isEqualTo(last);
    assertThat(ranks.get(0).saved()).isEmpty();
  }

  @Test
  void damagedCheckpointIsPassedOverForTheOneBefore() throws IOException {
    ResumingRun run = ResumingRun.of(config(6, 2));
    List<Double> whole = ResumingRun.losses(run.train(folder()));
    Path file = temp.resolve("checkpoints/step-00000004/rank-00001.first.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    for (int i : new int[] {3, 1000, bytes.length / 2, bytes.length - 1}) {
      byte[] changed = bytes.clone();
      changed[i] ^= 1;
      Files.write(file, changed);
      List<RankResult> ranks = run.resume(new LocalFolder(temp.resolve("new")), folder(), 4L, 2L);
      assertThat(ResumingRun.losses(ranks)).isEqualTo(whole);
      assertThat(ranks.get(0).checkpoints().resumedAtStep()).isEqualTo(2);
      assertThat(ranks)
          .anySatisfy(
              rank ->
                  assertThat(rank.checkpoints().problems().get(0))
                      .contains("passed over", "step-00000004", "rank-00001.first", "damaged"));
    }
    assertThatThrownBy(() -> run.resume(folder(), folder(), 4L))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("No checkpoint in")
        .hasMessageContaining("set resume to never");
  }
}
