package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A job on a standalone cluster, with the jars of docs/deploy.md: two ranks in executors of their
 * own, one on each worker. The first job loses an executor, and those after it show that the
 * cluster is as good as before.
 */
@Timeout(StandaloneClusterIT.TIMEOUT_SECONDS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandaloneClusterIT {
  static final int TIMEOUT_SECONDS = 420;

  private static final Path TARGET = Path.of("target", "standalone").toAbsolutePath();
  private static final Path NATIVES = TARGET.resolve("natives");
  private static final Pattern LOSS = Pattern.compile("step \\d+/\\d+  loss \\S+  grad norm \\S+");
  private static final Duration SECONDS = Duration.ofSeconds(30);
  private static final int STEPS = 3;
  private static final int FOREVER = 1_000_000;

  /** Exit code of a JVM that was ended by SIGTERM. */
  private static final int TERMINATED = 143;

  @TempDir static Path folder;

  private static StandaloneCluster cluster;
  private static QuickstartJob job;
  private static List<String> clientLosses;

  @BeforeAll
  @Timeout(TIMEOUT_SECONDS)
  static void startCluster() throws IOException, InterruptedException {
    SparkHome home = SparkHome.install(TARGET.resolve("spark-home"));
    SparkHome.link("natives.classpath", NATIVES);
    job = QuickstartJob.prepare(home, folder, TARGET);
    cluster = new StandaloneCluster(home, TARGET, folder.resolve("work"));
    cluster.start();
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void executorThatDiesEndsTheAttemptInSeconds() throws Exception {
    try (SparkJvm driver = job.submit("killed", FOREVER, nativesOnTheNodes("client"))) {
      driver.await("step 1/");
      List<ProcessHandle> executors = cluster.applicationProcesses();
      assertThat(executors).hasSize(2);

      long killed = System.nanoTime();
      executors.get(0).destroyForcibly();

      driver.await("attempt 1 of 3 failed: ");
      assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(SECONDS);
      assertThat(driver.shown())
          .containsPattern(
              "First cause: rank (\\d) \\(stage \\1, executor \\d on 127\\.0\\.0\\.1\\):"
                  + " ExecutorLostFailure");
    }
    cluster.awaitIdle();
  }

  @Test
  @Order(2)
  void driverThatIsToldToEndMakesACheckpointAndSaysHowToGoOn() throws Exception {
    String step;
    try (SparkJvm driver = job.submit("stopped", FOREVER, nativesOnTheNodes("client"))) {
      driver.await("step 1/");
      driver.terminate();
      step =
          driver
              .await(
                  "Training was stopped after step (\\S+) of 1,000,000, for the driver ends\\. Call the"
                      + " same fit again, with resume auto: it goes on at step \\1, from ")
              .group(1);
      assertThat(driver.exitCode()).isEqualTo(TERMINATED);
    }
    cluster.awaitIdle();
    try (SparkJvm driver = job.submit("stopped", FOREVER, nativesOnTheNodes("client"))) {
      driver.await("goes on at step " + step + " of 1,000,000, from ");
    }
    cluster.awaitIdle();
  }

  @Test
  @Order(3)
  void clientModeWithNativesThatComeWithTheJob() throws Exception {
    try (SparkJvm driver = job.submit("client", STEPS, nativesWithTheJob(cluster.url()))) {
      assertThat(driver.exitCode()).as(driver.shown()).isZero();
      clientLosses = losses(driver);
    }
    cluster.awaitIdle();
    assertThat(fileNames("client"))
        .contains("config.json", "tokenizer.json", "model.safetensors.index.json")
        .contains("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
  }

  @Test
  @Order(4)
  void clusterModeWithNativesOnTheNodesGivesTheSameModel() throws Exception {
    try (SparkJvm submit = job.submit("cluster", STEPS, nativesOnTheNodes("cluster"))) {
      assertThat(submit.exitCode()).as(submit.shown()).isZero();
    }
    assertThat(cluster.awaitDriver()).isEqualTo("FINISHED");
    cluster.awaitIdle();
    assertSameModel("cluster", "client");
  }

  @Test
  @Order(5)
  void oneJvmGivesTheSameLossesAndModel() throws Exception {
    try (SparkJvm driver = job.submit("local", STEPS, nativesWithTheJob("local[2]"))) {
      assertThat(driver.exitCode()).as(driver.shown()).isZero();
      assertThat(losses(driver)).hasSize(2).isEqualTo(clientLosses);
    }
    assertSameModel("local", "client");
  }

  @ParameterizedTest
  @CsvSource({
    "quickstart, path_or_dataset,",
    "squad, dataset_name, squad.jsonl",
    "hellaswag, path_or_dataset, hellaswag.jsonl",
    "instructions, path_or_dataset_id, instructions.jsonl",
    "chat, path_or_dataset_id, chat.jsonl"
  })
  @Order(6)
  void recipesAreTrainedByTheirMainClass(String recipe, String key, @Nullable String file)
      throws Exception {
    Path rows = file == null ? null : Path.of("data", "recipes", file).toAbsolutePath();
    List<String> where = nativesOnTheNodes("client");
    try (SparkJvm driver = job.submitRecipe(recipe, key, rows, STEPS, where)) {
      assertThat(driver.exitCode()).as(driver.shown()).isZero();
      assertThat(losses(driver)).hasSize(STEPS);
    }
    cluster.awaitIdle();
    assertThat(fileNames(recipe))
        .contains("config.json", "tokenizer.json", "model-00002-of-00002.safetensors")
        .contains("recipe.yaml", "metrics.jsonl");
    assertThat(job.model(recipe).resolve("recipe.yaml")).content().contains("max_steps: 3");
    assertThat(Files.readAllLines(job.model(recipe).resolve("metrics.jsonl"))).hasSize(STEPS);
  }

  private static List<String> nativesWithTheJob(String master) throws IOException {
    try (Stream<Path> natives = Files.list(NATIVES)) {
      String jars = String.join(",", natives.map(Path::toString).toList());
      return List.of("--master", master, "--jars", AllJarIT.JAR + "," + jars);
    }
  }

  private static List<String> nativesOnTheNodes(String deployMode) {
    return List.of(
        "--master",
        cluster.url(),
        "--deploy-mode",
        deployMode,
        "--jars",
        AllJarIT.JAR.toString(),
        "--conf",
        "spark.executor.extraClassPath=" + NATIVES + "/*");
  }

  private static List<String> losses(SparkJvm driver) throws IOException {
    return LOSS.matcher(driver.shown()).results().map(MatchResult::group).toList();
  }

  private static void assertSameModel(String run, String other) throws IOException {
    assertThat(fileNames(run)).isEqualTo(fileNames(other));
    List<String> files = new ArrayList<>(fileNames(run));
    files.removeAll(QuickstartJob.WITH_SECONDS);
    for (String file : files) {
      assertThat(job.model(run).resolve(file))
          .hasSameBinaryContentAs(job.model(other).resolve(file));
    }
  }

  private static List<String> fileNames(String run) throws IOException {
    try (Stream<Path> files = Files.list(job.model(run))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
