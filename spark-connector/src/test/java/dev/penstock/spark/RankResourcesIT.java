package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.TaskProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that take more of an executor than other tasks: two executors of four cores and a GPU. */
@Timeout(240)
class RankResourcesIT {
  private static final int EXECUTORS = 2;
  private static final int CORES = 4;
  private static final int SLOTS = EXECUTORS * CORES;

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  @TempDir static Path scripts;
  @TempDir Path folder;

  private static SparkContext context;

  @BeforeAll
  static void startCluster() throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    Path gpus = scripts.resolve("gpus.sh");
    Files.writeString(
        gpus,
        """
        #!/bin/sh
        echo '{"name": "gpu", "addresses": ["0"]}'
        """);
    Files.setPosixFilePermissions(gpus, PosixFilePermissions.fromString("rwx------"));
    context =
        SparkSession.builder()
            .master("local-cluster[" + EXECUTORS + "," + CORES + ",2048]")
            .appName("penstock-rank-resources")
            .config("spark.ui.enabled", false)
            .config("spark.executor.memory", "1g")
            .config("spark.executor.cores", CORES)
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.executor.heartbeatInterval", "1s")
            .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
            .config("spark.scheduler.mode", "FAIR")
            .config("spark.worker.resource.gpu.amount", 1)
            .config("spark.worker.resource.gpu.discoveryScript", gpus.toString())
            .config("spark.executor.resource.gpu.amount", 1)
            .config("spark.task.resource.gpu.amount", 1.0 / CORES)
            .getOrCreate()
            .sparkContext();
    awaitExecutors();
  }

  @AfterAll
  static void stop() {
    SparkSession.active().stop();
  }

  private static void awaitExecutors() {
    while (TaskProfile.ofSession(context).available() < SLOTS) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private CausalLMTrainer trainer() {
    return TestModels.trainer(folder).setDevice("cpu").setMaxSteps(2);
  }

  @Test
  void taskTakesWhatTheProfileSaysAndOthersWhatTheSessionSays() {
    TaskProfile session = TaskProfile.ofSession(context);
    TaskProfile whole = session.with(CORES, 1);
    assertThat(whole.available()).isEqualTo(EXECUTORS);
    assertThat(session.with(3, session.gpus()).available()).isEqualTo(EXECUTORS);
    assertThat(session.with(2, 0).available()).isEqualTo(2 * EXECUTORS);
    assertThat(session.with(CORES, 1)).as("no second one for each fit").isEqualTo(whole);
    assertThat(resources(whole)).containsOnly("4 cores, GPU [0]");
    assertThat(resources(session.with(2, 0))).containsOnly("2 cores, no GPU");
    assertThat(session.available()).as("the session's own slots").isEqualTo(SLOTS);
  }

  private static List<String> resources(TaskProfile profile) {
    return profile
        .of(
            JavaSparkContext.fromSparkContext(context)
                .parallelize(List.of(1, 2), 2)
                .map(i -> told()))
        .collect();
  }

  private static String told() {
    TaskContext task = TaskContext.get();
    return task.cpus()
        + " cores, "
        + (task.resourcesJMap().containsKey("gpu")
            ? "GPU " + List.of(task.resourcesJMap().get("gpu").addresses())
            : "no GPU");
  }

  /** One session: the texts are ingested by many small tasks, and each rank has an executor. */
  @Test
  void ranksTakeWholeExecutors() throws Exception {
    TaskPlaces places = new TaskPlaces();
    context.addSparkListener(places);
    try {
      CausalLMModel model = trainer().setPpSize(2).setRankCpus(CORES).fit(TestModels.verses());
      assertThat(model.summary().objectiveHistory()).hasSize(2);
    } finally {
      context.removeSparkListener(places);
    }
    assertThat(places.executors()).containsExactlyInAnyOrder("0", "1");
  }

  @Test
  void slotsAreCountedForTheRanks() {
    assertThatThrownBy(
            () ->
                trainer()
                    .setPpSize(3)
                    .setRankGpus(1)
                    .setResourceTimeout(1)
                    .fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "3 ranks need as many task slots at once", "has 2", "1 core and GPUs: 1.0 a task");
  }

  @Test
  void moreThanAnExecutorHasIsRefusedAtOnce() {
    assertThatThrownBy(() -> trainer().setRankCpus(CORES + 1).fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("cores per executor (=4)", "spark.task.cpus=5");
  }

  /**
   * A FAIR pool gives the ranks no slots at one moment, for the other job takes each that is free.
   */
  @Test
  void otherJobIsNamedAsTheHolderOfTheSlots() throws Exception {
    Path release = folder.resolve("release");
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    JavaFutureAction<Long> busy = hold(SLOTS - 1, release);
    try {
      assertThatThrownBy(
              () ->
                  trainer()
                      .setPpSize(2)
                      .setResourceTimeout(11)
                      .setProgressLines(lines::add)
                      .fit(TestModels.verses()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(
              "Could not start the ranks within 11 s (resourceTimeout)",
              "2 task slots free at the same moment, and of 8",
              "'countAsync at RankResourcesIT.java",
              "(7 tasks run, 0 are to come)",
              "A FAIR pool does not help");
      assertThat(lines).anyMatch(line -> line.startsWith("has waited 10 s to start the ranks"));
    } finally {
      Files.createFile(release);
      busy.get(30, TimeUnit.SECONDS);
    }
  }

  private static JavaFutureAction<Long> hold(int slots, Path release) {
    String file = release.toString();
    List<Integer> tasks = IntStream.range(0, slots).boxed().toList();
    return JavaSparkContext.fromSparkContext(context)
        .parallelize(tasks, slots)
        .filter(
            task -> {
              while (!Files.exists(Path.of(file))) {
                LockSupport.parkNanos(POLL_NANOS);
              }
              return true;
            })
        .countAsync();
  }
}
