package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.doctor.Doctor;
import dev.penstock.spark.hub.TestHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranks in executors of their own: two JVMs of one core, which talk over TCP. */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalClusterIT {
  private static final Duration SECONDS = Duration.ofSeconds(30);

  /** Executors that run their first ranks unpack and load the natives. */
  private static final long START_UP_SECONDS = 120;

  private static final double ROUNDING = 1e-5;
  private static final int FOREVER = 1_000_000;

  @TempDir static Path shared;
  @TempDir Path folder;

  private static double[] clusterLosses;
  private static Row clusterScore;

  @BeforeAll
  static void startCluster() throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    SparkSession.builder()
        .master("local-cluster[2,1,2048]")
        .appName("penstock-cluster")
        .config("spark.ui.enabled", false)
        .config("spark.executor.memory", "1g")
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .config("spark.executor.heartbeatInterval", "1s")
        .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
        .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .getOrCreate();
  }

  @AfterEach
  void endWhatATestLeft() {
    SparkSession.active().sparkContext().cancelAllJobs();
  }

  @AfterAll
  static void stop() {
    SparkSession.active().stop();
  }

  @Test
  @Order(1)
  void driverNeedsNoNativeTensors() throws IOException {
    CausalLMModel model = TestModels.trainer(shared).fit(TestModels.verses());
    clusterLosses = model.summary().objectiveHistory();
    clusterScore = model.transform(TestModels.verses()).first();
    assertThat(model.generate("In the beginning", 3)).isNotNull();

    assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain("libtorch");
  }

  @Test
  @Order(2)
  void doctorSeesExecutorsAndTheirLinks() throws Exception {
    String there = shared.toUri().toString();
    Doctor.Report report =
        Doctor.examine(
            SparkSession.active().sparkContext(), 2, List.of(there), Duration.ofSeconds(60));
    assertThat(report.healthy()).as(report.text()).isTrue();
    assertThat(report.text())
        .containsPattern("natives of 2 ranks: pytorch \\S+, openblas \\S+, \\w+")
        .containsPattern("(?m)^   0  [01] .* MB/s, [\\d.]+ ms")
        .containsPattern("(?m)^   1  [01] .* MB/s, [\\d.]+ ms");
  }

  /** The driver fetches to where the executors read: they are given no name and no token. */
  @Test
  void modelOfAHubIsFetchedForTheExecutors() throws IOException {
    String commit;
    CausalLMModel trained;
    try (TestHub hub = new TestHub()) {
      hub.demand("hf_secret").put("org/tiny", shared.resolve("model"));
      commit = hub.commit("org/tiny");
      Configuration conf = SparkSession.active().sparkContext().hadoopConfiguration();
      conf.set("penstock.env.HF_ENDPOINT", hub.endpoint());
      conf.set("penstock.env.HF_HOME", folder.resolve("home").toString());
      conf.set("penstock.env.HF_HUB_OFFLINE", "0");
      conf.set("penstock.env.HF_TOKEN", "hf_secret");
      trained = onHub("hf://org/tiny", "uri").fit(TestModels.verses());
      assertThat(onHub("org/tiny", "bare").fit(TestModels.verses()).summary().objectiveHistory())
          .isEqualTo(trained.summary().objectiveHistory());
    }
    assertThat(folder.resolve("hub/models--org--tiny/snapshots/" + commit + "/config.json"))
        .exists();
    assertThat(onHub(shared.resolve("model").toString(), "folder").fit(TestModels.verses()))
        .extracting(model -> model.summary().objectiveHistory())
        .isEqualTo(trained.summary().objectiveHistory());
  }

  private CausalLMTrainer onHub(String modelPath, String name) {
    CausalLMTrainer trainer = TestModels.trainer(folder.resolve(name)).setMaxSteps(2);
    trainer.clear(trainer.modelConfig());
    trainer.clear(trainer.tokenizerPath());
    return trainer.setModelPath(modelPath).setModelCachePath(folder.resolve("hub").toString());
  }

  @Test
  void executorThatDiesEndsTheFitInSeconds() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setMaxSteps(FOREVER)
            .setMaxAttempts(1)
            .setProgressLines(line -> started.countDown());
    CompletableFuture<Throwable> fit =
        CompletableFuture.supplyAsync(() -> catchThrowable(() -> trainer.fit(TestModels.verses())));
    assertThat(started.await(START_UP_SECONDS, TimeUnit.SECONDS)).isTrue();

    long killed = System.nanoTime();
    executors().findFirst().orElseThrow().destroyForcibly();

    assertThat(fit.get(SECONDS.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("First cause: rank")
        .hasMessageContaining("ExecutorLostFailure")
        .hasMessageContaining("stage");
    assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(SECONDS);
  }

  /** The bound is the Param's, not that of Spark's own heartbeats, which is two minutes. */
  @Test
  void executorThatIsFrozenIsTheFirstCauseAndLeavesNothingWhenItWakes() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setMaxSteps(FOREVER)
            .setMaxAttempts(1)
            .setHeartbeatTimeout(4)
            .setProgressLines(line -> started.countDown());
    CompletableFuture<Throwable> fit =
        CompletableFuture.supplyAsync(() -> catchThrowable(() -> trainer.fit(TestModels.verses())));
    assertThat(started.await(START_UP_SECONDS, TimeUnit.SECONDS)).isTrue();

    long frozen = System.nanoTime();
    ProcessHandle victim = executors().findFirst().orElseThrow();
    signal(victim, "-STOP");

    assertThat(fit.get(SECONDS.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("First cause: rank")
        .hasMessageContaining("(stage ")
        .hasMessageContaining(", executor ")
        .hasMessageContaining("for 4.0 s (heartbeatTimeout)");
    assertThat(Duration.ofNanos(System.nanoTime() - frozen)).isLessThan(Duration.ofSeconds(15));
    signal(victim, "-CONT");
    // Its slot is free again only when its rank has ended.
    CausalLMModel next =
        TestModels.trainer(folder.resolve("next")).setMaxSteps(2).fit(TestModels.verses());
    assertThat(next.summary().objectiveHistory()).hasSize(2);
    assertThat(folder.resolve("model")).doesNotExist();
  }

  private static void signal(ProcessHandle process, String name) throws Exception {
    assertThat(new ProcessBuilder("kill", name, Long.toString(process.pid())).start().waitFor())
        .isZero();
  }

  @Test
  void fitGoesOnWhereAnExecutorDiedAndGivesTheSameBits() throws Exception {
    int steps = 40;
    CausalLMTrainer trainer =
        TestModels.trainer(folder).setMaxSteps(steps).setCheckpointInterval(5);
    CausalLMTrainer whole = TestModels.trainer(folder.resolve("whole")).setMaxSteps(steps);
    double[] expected = whole.fit(TestModels.verses()).summary().objectiveHistory();
    Path checkpoints = folder.resolve("checkpoints/model");
    AtomicInteger kills = new AtomicInteger();
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    trainer.setProgressInterval(1).setProgressLines(lines::add);
    CompletableFuture<CausalLMModel> fit =
        CompletableFuture.supplyAsync(() -> trainer.fit(TestModels.verses()));
    while (!fit.isDone() && kills.get() == 0) {
      if (TestCheckpoints.isCommitted(checkpoints)) {
        executors().findFirst().orElseThrow().destroyForcibly();
        kills.incrementAndGet();
      }
      Thread.onSpinWait();
    }
    TrainingSummary summary = fit.get(2 * SECONDS.toSeconds(), TimeUnit.SECONDS).summary();
    assertThat(kills).hasValue(1);
    assertThat(summary.objectiveHistory()).containsExactly(expected);
    assertThat(summary.attempts()).isEqualTo(2);
    assertThat(summary.problems()).anyMatch(problem -> problem.contains("ExecutorLostFailure"));
    assertThat(lines).anyMatch(line -> line.matches("goes on at step \\d+ of 40, from .*"));
    assertThat(checkpoints.getParent())
        .as("no checkpoint stays once the model is there")
        .doesNotExist();
    assertThat(Files.readAllBytes(folder.resolve("model/model-00001-of-00002.safetensors")))
        .isEqualTo(
            Files.readAllBytes(folder.resolve("whole/model/model-00001-of-00002.safetensors")));
  }

  @Test
  void rankThatFailsIsNamed() {
    CausalLMTrainer trainer =
        TestModels.trainer(folder).setMaxSteps(20).setLearningRate(1e30).setMaxGradNorm(0);
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContainingAll("First cause: rank", "(stage ", ", executor ", "step");
  }

  @Test
  void tooFewExecutorsAreSaidWithinTheTimeout() {
    assertThatThrownBy(
            () ->
                TestModels.trainer(folder)
                    .setPpSize(4)
                    .setResourceTimeout(1)
                    .fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("4 ranks need as many task slots at once")
        .hasMessageContaining("after 1 s (resourceTimeout");
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void oneJvmGivesTheSameLosses() {
    SparkSession.active().stop();

    CausalLMModel model = TestModels.trainer(folder).fit(TestModels.verses());

    assertThat(model.summary().objectiveHistory()).isEqualTo(clusterLosses);
    Row score = model.transform(TestModels.verses()).first();
    assertThat(score.<Integer>getAs("numTokens")).isEqualTo(clusterScore.getAs("numTokens"));
    assertThat(score.<Double>getAs("nll"))
        .isCloseTo(clusterScore.<Double>getAs("nll"), within(ROUNDING));
  }

  /** The executors are the only Java processes that this one started. */
  private static Stream<ProcessHandle> executors() {
    return ProcessHandle.current()
        .children()
        .filter(process -> process.info().command().orElse("").endsWith("/java"));
  }
}
