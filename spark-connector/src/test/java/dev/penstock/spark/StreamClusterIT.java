package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.interop.TaskProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A stream on three executors of one core: two ranks, and one that tokenizes. */
@Timeout(300)
class StreamClusterIT {
  private static final int EXECUTORS = 3;
  private static final int PARTITIONS = 10;
  private static final int KILLED_PARTITION = 6;
  private static final int STEPS = 50;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  @TempDir Path folder;

  private static SparkContext context;

  @BeforeAll
  static void startCluster() throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    context =
        SparkSession.builder()
            .master("local-cluster[" + EXECUTORS + ",1,2048]")
            .appName("penstock-stream-cluster")
            .config("spark.ui.enabled", false)
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.executor.heartbeatInterval", "1s")
            .config("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
            .getOrCreate()
            .sparkContext();
    while (TaskProfile.ofSession(context).available() < EXECUTORS) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  @AfterAll
  static void stop() {
    SparkSession.active().stop();
  }

  private CausalLMTrainer trainer(String output) {
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setDataMode("stream")
            .setPacking("none")
            .setTruncation("right")
            .setNumEpochs(1)
            .setLrWarmupSteps(1)
            .setLrDecaySteps(100)
            .setOutputPath(folder.resolve(output).toUri().toString());
    trainer.clear(trainer.maxSteps());
    return trainer;
  }

  private static Dataset<Row> verses() {
    List<Row> rows = TestModels.verses().union(TestModels.verses()).collectAsList();
    return SparkSession.active()
        .createDataFrame(
            JavaSparkContext.fromSparkContext(context).parallelize(rows, PARTITIONS),
            TestModels.verses().schema());
  }

  /** Ranks hold the other executors, so this one has the tokenizing task alone. */
  private static String dieOnce(Row row) {
    TaskContext task = TaskContext.get();
    if (task.partitionId() == KILLED_PARTITION && task.attemptNumber() == 0) {
      Runtime.getRuntime().halt(137);
    }
    return row.getString(0);
  }

  @Test
  void executorThatDiesWhileItTokenizesChangesNothing() {
    double[] whole = trainer("whole").fit(verses()).summary().objectiveHistory();
    assertThat(whole).hasSize(STEPS);
    Dataset<Row> killing =
        verses()
            .map((MapFunction<Row, String>) StreamClusterIT::dieOnce, Encoders.STRING())
            .toDF("text");
    TrainingSummary summary = trainer("killed").fit(killing).summary();
    assertThat(summary.objectiveHistory()).containsExactly(whole);
    assertThat(summary.attempts()).isEqualTo(1);
  }

  @Test
  void rankThatDiesGoesOnAtItsPositionAndGivesTheSameBits() throws Exception {
    double[] expected = trainer("whole").fit(verses()).summary().objectiveHistory();
    RankPlaces places = new RankPlaces();
    context.addSparkListener(places);
    Path checkpoints = folder.resolve("checkpoints/model");
    CompletableFuture<CausalLMModel> fit =
        CompletableFuture.supplyAsync(
            () -> trainer("model").setCheckpointInterval(5).fit(verses()));
    while (!fit.isDone() && !TestCheckpoints.isCommitted(checkpoints)) {
      Thread.onSpinWait();
    }
    executor(places.executors.iterator().next()).destroyForcibly();
    TrainingSummary summary = fit.get(200, TimeUnit.SECONDS).summary();
    context.removeSparkListener(places);
    assertThat(summary.attempts()).isEqualTo(2);
    assertThat(summary.objectiveHistory()).containsExactly(expected);
    assertThat(summary.numRows()).isEqualTo(400);
    assertThat(checkpoints.getParent()).doesNotExist();
  }

  private static ProcessHandle executor(String id) {
    return ProcessHandle.current()
        .children()
        .filter(process -> hasId(process, id))
        .findFirst()
        .orElseThrow();
  }

  private static boolean hasId(ProcessHandle process, String id) {
    try {
      Path command = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      List<String> arguments = Arrays.asList(Files.readString(command).split("\0"));
      int at = arguments.indexOf("--executor-id");
      return at >= 0 && arguments.get(at + 1).equals(id);
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /** The executors of the ranks of a fit. */
  private static final class RankPlaces extends SparkListener {
    private final Set<Integer> stages = ConcurrentHashMap.newKeySet();
    private final Set<String> executors = ConcurrentHashMap.newKeySet();

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted event) {
      if (event.stageInfo().name().startsWith("train ")) {
        stages.add(event.stageInfo().stageId());
      }
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart event) {
      if (stages.contains(event.stageId())) {
        executors.add(event.taskInfo().executorId());
      }
    }
  }
}
