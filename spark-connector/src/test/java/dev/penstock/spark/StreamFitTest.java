package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.datasets.order.StreamOrder;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.train.StepReport;
import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.progress.FitEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fits whose rows are tokenized while they train. */
@Timeout(300)
class StreamFitTest {
  private static final int PARTITIONS = 10;
  private static final double ROUNDING = 1e-4;

  @TempDir Path folder;
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void startSpark() {
    TestSpark.session();
  }

  /** Each row is a sequence, so 200 verses take 25 steps. */
  private CausalLMTrainer trainer(String output) {
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setDataMode("stream")
            .setStreamAhead(2)
            .setPacking("none")
            .setTruncation("right")
            .setNumEpochs(1)
            .setLrWarmupSteps(1)
            .setLrDecaySteps(100)
            .setProgressLines(lines::add)
            .setOutputPath(folder.resolve(output).toUri().toString());
    trainer.clear(trainer.maxSteps());
    return trainer;
  }

  private static Dataset<Row> verses() {
    return partitioned(TestModels.verses(), PARTITIONS);
  }

  /** In their order, without a shuffle. */
  private static Dataset<Row> partitioned(Dataset<Row> rows, int partitions) {
    return TestSpark.session()
        .createDataFrame(
            JavaSparkContext.fromSparkContext(TestSpark.session().sparkContext())
                .parallelize(rows.collectAsList(), partitions),
            rows.schema());
  }

  @Test
  void runRepeatsToTheBitAndEndsWithItsRows() {
    TrainingSummary first = trainer("one").fit(verses()).summary();
    assertThat(first.objectiveHistory()).hasSize(25);
    assertThat(first.numRows()).isEqualTo(200);
    assertThat(lines.get(0)).startsWith("step 1  loss ").doesNotContain("ETA");
    assertThat(lines).contains("ended after step 25: the stream is read (dataMode)");
    TrainingSummary second = trainer("two").setStreamAhead(50).fit(verses()).summary();
    assertThat(second.objectiveHistory()).containsExactly(first.objectiveHistory());
    TrainingSummary other = trainer("three").setSeed(8).setMaxSteps(3).fit(verses()).summary();
    assertThat(other.objectiveHistory()).hasSize(3);
    TrainingSummary fewer = trainer("four").setMaxSteps(3).fit(verses()).summary();
    assertThat(fewer.objectiveHistory())
        .containsExactly(Arrays.copyOf(first.objectiveHistory(), 3))
        .isNotEqualTo(other.objectiveHistory());
    assertThat(fewer.numRows()).as("of the window that was read").isEqualTo(80);
  }

  /** Nine rows in batches of eight: of the last, one replica has a row and the other none. */
  @Test
  void lastStepIsThatOfTheRowsThatAreLeft() throws IOException {
    List<String> ids = List.of("array(5, 6, 7, 8, 9) ids", "array(40, 30, 20) ids");
    Dataset<Row> rows =
        partitioned(
            TestModels.verses()
                .limit(8)
                .selectExpr(ids.get(0))
                .union(TestModels.verses().limit(1).selectExpr(ids.get(1))),
            9);
    CausalLMTrainer replicas = trainer("one").setTokensCol("ids").setPpSize(1).setDpSize(2);
    Run run = run(replicas.setOptimizer("sgd"), rows);
    assertThat(run.steps).hasSize(2);
    StepReport last = run.steps.get(1);
    boolean shortRow = last.countedTokens() == 2; // the seed says which row comes last
    Dataset<Row> left = TestModels.verses().limit(1).selectExpr(ids.get(shortRow ? 1 : 0));
    assertThat(run.summary.numRows()).isEqualTo(9);
    assertThat(run.summary.objectiveHistory()[1]).isEqualTo(last.loss());

    trainer("first").setTokensCol("ids").setOptimizer("sgd").setMaxSteps(1).fit(rows);
    CausalLMTrainer rest =
        trainer("rest")
            .setTokensCol("ids")
            .setOptimizer("sgd")
            .setModelPath(folder.resolve("first").toUri().toString())
            .setDataMode("staged")
            .setPpSize(1)
            .setGlobalBatchSize(1)
            .setPpMicrobatchSize(1);
    rest.clear(rest.modelConfig());
    rest.clear(rest.streamAhead());
    StepReport expected = run(rest, left).steps.get(0);
    assertThat(last.loss()).isCloseTo(expected.loss(), within(ROUNDING));
    assertThat(last.gradNorm()).isCloseTo(expected.gradNorm(), within(ROUNDING));
    assertThat(last.countedTokens()).isEqualTo(expected.countedTokens());
    assertThat(last.tokens()).isEqualTo(expected.tokens());
    assertThat(Files.readAllLines(folder.resolve("one/metrics.jsonl")).get(1))
        .contains("\"tokens\":" + expected.tokens() + ",");
  }

  private record Run(TrainingSummary summary, List<StepReport> steps) {}

  private static Run run(CausalLMTrainer trainer, Dataset<Row> rows) {
    List<StepReport> steps = new ArrayList<>();
    trainer.addListener(
        event -> {
          if (event instanceof FitEvent.Completed completed) {
            steps.addAll(completed.steps());
          }
        });
    return new Run(trainer.fit(rows).summary(), steps);
  }

  @Test
  void replicasTrainOnTheSameBatches() {
    double[] one = trainer("one").setMaxSteps(12).fit(verses()).summary().objectiveHistory();
    double[] two =
        trainer("two")
            .setPpSize(1)
            .setDpSize(2)
            .setMaxSteps(12)
            .fit(verses())
            .summary()
            .objectiveHistory();
    assertThat(two).hasSize(12).containsExactly(one, within(ROUNDING));
  }

  @Test
  void goesOnAtItsPositionAndRefusesOtherRows() throws IOException {
    double[] whole = trainer("whole").fit(verses()).summary().objectiveHistory();
    String kept = folder.resolve("kept").toUri().toString();
    trainer("part").setCheckpointPath(kept).setCheckpointInterval(7).setMaxSteps(14).fit(verses());
    lines.clear();
    CausalLMTrainer last = trainer("rest").setCheckpointPath(kept).setCheckpointsToKeep(3);
    TrainingSummary rest = last.setCheckpointInterval(25).fit(verses()).summary();
    assertThat(lines.get(0)).startsWith("goes on at step 14, from ");
    assertThat(rest.objectiveHistory()).containsExactly(whole);
    assertThat(rest.numRows()).isEqualTo(200);
    for (String weights : List.of("model-00001-of-00002", "model-00002-of-00002")) {
      assertThat(folder.resolve("rest").resolve(weights + ".safetensors"))
          .hasSameBinaryContentAs(folder.resolve("whole").resolve(weights + ".safetensors"));
    }
    TrainingSummary done = trainer("done").setCheckpointPath(kept).fit(verses()).summary();
    assertThat(done.resumedAtStep()).isEqualTo(25);
    assertThat(done.objectiveHistory()).containsExactly(whole);
    String again = kept + "/step-00000014";
    assertThat(trainer("again").setResume(again).fit(verses()).summary().objectiveHistory())
        .containsExactly(whole);
    assertThatThrownBy(
            () ->
                trainer("fewer")
                    .setResume(again)
                    .fit(partitioned(TestModels.verses(), PARTITIONS + 1)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data: the checkpoint has stream of 10 partitions");
    Dataset<Row> others =
        partitioned(TestModels.verses().selectExpr("concat('Now ', text) text"), PARTITIONS);
    assertThatThrownBy(() -> trainer("other").setResume(again).fit(others))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Partition 4 of the frame gives other tokens");
    assertThatThrownBy(
            () ->
                trainer("staged")
                    .setResume(again)
                    .setDataMode("staged")
                    .setStreamAhead(8)
                    .fit(verses()))
        .hasMessageContaining("data: the checkpoint has stream of 10 partitions");
  }

  @Test
  void noMoreIsKeptThanIsReadAndAheadOfIt() throws IOException {
    AtomicInteger most = new AtomicInteger();
    AtomicInteger tasks = new AtomicInteger();
    SparkListener counter =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            tasks.incrementAndGet();
            most.accumulateAndGet(shards(), Math::max);
          }
        };
    TestSpark.session().sparkContext().addSparkListener(counter);
    try {
      trainer("one").setStreamAhead(1).fit(partitioned(TestModels.verses(), 40));
    } finally {
      TestSpark.session().sparkContext().removeSparkListener(counter);
    }
    assertThat(tasks.get()).isGreaterThanOrEqualTo(40);
    assertThat(most.get()).isBetween(1, StreamOrder.WINDOW_SHARDS + 1);
    assertThat(shards()).isZero();
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("one", "tokenizer");
    }
  }

  private int shards() {
    try (Stream<Path> files = Files.walk(folder)) {
      return (int) files.filter(file -> file.toString().matches(".*/shard-\\d+\\..*bin")).count();
    } catch (IOException | UncheckedIOException e) {
      return 0; // some are removed meanwhile
    }
  }

  @Test
  void taskThatFailsEndsTheRunWithItsCause() {
    Dataset<Row> failing =
        verses()
            .map((MapFunction<Row, String>) StreamFitTest::failAtTheEnd, Encoders.STRING())
            .toDF("text");
    assertThatThrownBy(() -> trainer("one").fit(failing))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("First cause: tokenizing a partition of the stream")
        .hasMessageContaining("this text is too late");
    assertThat(folder.resolve("one")).doesNotExist();
  }

  private static String failAtTheEnd(Row row) {
    if (TaskContext.getPartitionId() == PARTITIONS - 1) {
      throw new IllegalStateException("this text is too late");
    }
    return row.getString(0);
  }

  @Test
  void rowsThatCannotBeIngestedAreNamedByTheirPartition() {
    Dataset<Row> nulls =
        partitioned(
            TestModels.verses().selectExpr("if(text like '%firmament%', null, text) text"),
            PARTITIONS);
    assertThatThrownBy(() -> trainer("one").fit(nulls))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Column 'text' (inputCol) is null in a row of partition ");
    assertThat(trainer("two").setHandleInvalid("skip").fit(nulls).summary().numNullRows())
        .isPositive();
    assertThatThrownBy(() -> trainer("three").fit(verses().selectExpr("substr(text, 1, 0) text")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("has no text in any of 200 rows");
    Dataset<Row> unlabelled = verses().selectExpr("array(5, 6) ids", "array(-100, -100) labels");
    assertThatThrownBy(
            () -> trainer("four").setTokensCol("ids").setLabelsCol("labels").fit(unlabelled))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no token counts in the loss");
  }

  @Test
  void rowsToValidateOnAreStagedAndNeverTrainedOn() {
    Dataset<Row> held = verses().selectExpr("text", "text like '%earth%' held");
    long trained = held.filter("not held").count();
    TrainingSummary summary =
        trainer("one")
            .setValidationIndicatorCol("held")
            .setValidationInterval(4)
            .fit(held)
            .summary();
    assertThat(summary.numRows()).isEqualTo(trained);
    assertThat(summary.validationHistory()).isNotEmpty();
    assertThat(summary.objectiveHistory()).hasSize((int) ((trained + 7) / 8));
    assertThat(lines.get(0)).startsWith("reads the rows to validate on first");
  }

  @Test
  void withoutASlotTheDataAreStagedAndASentenceSaysWhatGivesOne() {
    CausalLMTrainer trainer = trainer("one").setPpSize(4).setMaxSteps(3);
    double[] losses = trainer.fit(verses()).summary().objectiveHistory();
    assertThat(lines.get(0))
        .isEqualTo(
            "dataMode stream needs a task slot beside the 4 ranks to tokenize in, but they take all"
                + " 4 of local[4]: master local[5] gives one. The data are staged.");
    CausalLMTrainer staged = trainer("two").setPpSize(4).setMaxSteps(3).setDataMode("staged");
    staged.clear(staged.streamAhead());
    assertThat(losses).containsExactly(staged.fit(verses()).summary().objectiveHistory());
  }

  @Test
  void whatOnePassCannotGiveIsRefusedWithTheReason() {
    assertThatThrownBy(() -> trainer("one").setNumEpochs(2).fit(verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "numEpochs is 2, but with dataMode stream the rows are passed over once")
        .hasMessageContaining("Set numEpochs to 1, or dataMode to staged.");
    CausalLMTrainer trainer = trainer("one");
    trainer.clear(trainer.lrDecaySteps());
    assertThatThrownBy(() -> trainer.fit(verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("lrDecaySteps, which lrDecayStyle cosine takes, must be set")
        .hasMessageContaining("or set maxSteps");
    assertThatThrownBy(() -> trainer("one").setStagedDataPath("x").fit(verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("stagedDataPath is x, but what was read of a stream is removed");
  }
}
