package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.offset;

import dev.penstock.spark.barrier.TrainingFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.cluster.CoarseGrainedSchedulerBackend;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executors that are taken away in good order, or for good. */
@Timeout(600)
class LeavingExecutorsIT {
  private static final double ROUNDING = 1e-5;

  /**
   * The executor goes among these; over hundreds of steps rounding grows, as training is chaotic.
   */
  private static final int STEPS_COMPARED = 40;

  private static final int FOREVER = 1_000_000;
  private static final int DECAY_STEPS = 10_000;
  private static final int STEPS_AFTER = 3;
  private static final long PATIENCE_SECONDS = 120;
  private static final Pattern GOES_ON = Pattern.compile("goes on at step ([\\d,]+) of .*");

  @TempDir static Path folder;

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  @BeforeAll
  static void startCluster() throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    SparkSession.builder()
        .master("local-cluster[2,1,2048]")
        .appName("penstock-leaving")
        .config("spark.ui.enabled", false)
        .config("spark.executor.memory", "1g")
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .config("spark.executor.heartbeatInterval", "1s")
        .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
        .config("spark.decommission.enabled", true)
        .getOrCreate();
    trainer("start", 1).fit(TestModels.verses()); // both executors are there and have the natives
  }

  @AfterAll
  static void stop() {
    SparkSession.active().stop();
  }

  /**
   * A trainer whose numbers do not depend on how many steps it takes, or on how often it begins.
   */
  private static CausalLMTrainer trainer(String output, int steps) {
    return TestModels.trainer(folder)
        .setOutputPath(folder.resolve(output).toUri().toString())
        .setMaxSteps(steps)
        .setLrWarmupSteps(1)
        .setLrDecaySteps(DECAY_STEPS)
        .setMaxAttempts(1)
        .setProgressInterval(1);
  }

  private static CausalLMTrainer kept(String name, int steps) {
    return trainer(name, steps)
        .setCheckpointPath(folder.resolve(name + "-checkpoints").toUri().toString());
  }

  private CompletableFuture<Throwable> start(CausalLMTrainer trainer) {
    trainer.setProgressLines(lines::add);
    return CompletableFuture.supplyAsync(
        () -> catchThrowable(() -> trainer.fit(TestModels.verses())));
  }

  /** Waits for a line of the fit that has what the pattern finds. */
  private Matcher await(Pattern pattern) throws InterruptedException {
    while (true) {
      String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(line).as("no line that has '%s'", pattern).isNotNull();
      Matcher found = pattern.matcher(line);
      if (found.find()) {
        return found;
      }
    }
  }

  private void await(String pattern) throws InterruptedException {
    await(Pattern.compile(pattern));
  }

  private int awaitResume() throws InterruptedException {
    return Integer.parseInt(await(GOES_ON).group(1).replace(",", ""));
  }

  private static void cancel(CompletableFuture<Throwable> fit) throws Exception {
    context().cancelAllJobs();
    assertThat(fit.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("cancelled");
  }

  /** Step of the newest checkpoint that is complete. */
  private static int newest(String name) throws IOException {
    try (Stream<Path> steps = Files.list(folder.resolve(name + "-checkpoints"))) {
      return steps
          .filter(step -> Files.exists(step.resolve("manifest.json")))
          .map(step -> step.getFileName().toString().replace("step-", ""))
          .mapToInt(Integer::parseInt)
          .max()
          .orElseThrow();
    }
  }

  private static SparkContext context() {
    return SparkSession.active().sparkContext();
  }

  @Test
  void decommissionedExecutorEndsWithACheckpointAndTheFitGoesOnElsewhere() throws Exception {
    CompletableFuture<Throwable> fit = start(kept("decommissioned", FOREVER));
    await("step 1/");
    ProcessHandle executor =
        ProcessHandle.current()
            .children()
            .filter(process -> process.info().command().orElse("").endsWith("/java"))
            .findFirst()
            .orElseThrow();
    String pid = Long.toString(executor.pid());
    assertThat(new ProcessBuilder("kill", "-PWR", pid).start().waitFor()).isZero();
    await("the ranks end after this step, with a checkpoint: executor \\d+ is decommissioned");
    int step = awaitResume();
    await("^step \\d+/");
    executor.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    cancel(fit);

    int steps = newest("decommissioned") + STEPS_AFTER;
    TrainingSummary rest = kept("decommissioned", steps).fit(TestModels.verses()).summary();
    assertThat(rest.resumedAtStep()).isGreaterThanOrEqualTo(step);
    assertThat(rest.objectiveHistory())
        .containsExactly(
            trainer("undisturbed", steps).fit(TestModels.verses()).summary().objectiveHistory());
  }

  @Test
  void replicaIsGivenUpForGoodAndComesBackWhenThereIsASlot() throws Exception {
    CausalLMTrainer forever =
        kept("fewer", FOREVER)
            .setPpSize(1)
            .setDpSize(2)
            .setMinDpSize(1)
            .setResourceTimeout(30)
            .setCheckpointInterval(5)
            .setMaxAttempts(2);
    CompletableFuture<Throwable> fit = start(forever);
    await("step 6/");
    CoarseGrainedSchedulerBackend backend =
        (CoarseGrainedSchedulerBackend) context().schedulerBackend();
    List<String> executors = List.of(backend.getExecutorIds().mkString(",").split(","));
    assertThat(context().killExecutor(executors.get(0))).isTrue(); // and wants one less
    await("attempt 1 of 2 failed: ");
    int killed = awaitResume();
    await("runs with dpSize 1 of 2, for there are 1 task slots of 2 \\(minDpSize\\)");
    await("^step \\d+/"); // of those that were not done before
    assertThat(context().requestExecutors(2)).isTrue(); // in all, for it wanted none any more
    await("the ranks end after this step, with a checkpoint: there are task slots for dpSize 2");
    int back = awaitResume();
    assertThat(back).isGreaterThan(killed);
    await("^step \\d+/");
    cancel(fit);

    int steps = newest("fewer") + STEPS_AFTER;
    TrainingSummary rest =
        kept("fewer", steps).setPpSize(1).setDpSize(2).fit(TestModels.verses()).summary();
    double[] expected =
        trainer("all", steps)
            .setPpSize(1)
            .setDpSize(2)
            .fit(TestModels.verses())
            .summary()
            .objectiveHistory();
    assertThat(rest.resumedAtStep()).isGreaterThanOrEqualTo(back);
    int compared = Math.min(steps, STEPS_COMPARED);
    assertThat(Arrays.copyOf(rest.objectiveHistory(), compared))
        .containsExactly(Arrays.copyOf(expected, compared), offset(ROUNDING));
  }
}
