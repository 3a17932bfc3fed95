package dev.penstock.examples.bench;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.train.PhaseClock;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TrainingSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Trains the same shape as {@link Bench} through {@code CausalLMTrainer.fit}, so that what Spark
 * adds can be seen. The rows are those of the quickstart's text.
 */
@Command(name = "spark-bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class SparkBench extends BenchCommand {
  @Mixin private final BenchShape shape = new BenchShape();
  @Mixin private final LocalSpark local = new LocalSpark();

  SparkBench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new SparkBench()).execute(args));
  }

  @Override
  Map<String, Object> measure() throws IOException, InterruptedException {
    if (shape.ids != null) {
      throw new ConfigException("--ids is for bin/bench: through Spark the rows are a text's.");
    }
    Map<String, Double> startup = new LinkedHashMap<>(Map.of("jvm", secondsSinceJvmStart()));
    PhaseClock clock = new PhaseClock();
    clock.begin("session");
    try (SparkSession spark = local.start();
        TempFolder folder = TempFolder.create(null)) {
      clock.begin("read");
      Dataset<Row> verses = local.verses(spark);
      startup.putAll(clock.stop());
      long begin = System.nanoTime();
      TrainingSummary summary = trainer(folder.path()).fit(verses).summary();
      double fitSeconds = (System.nanoTime() - begin) / 1e9;
      List<RankReport> ranks = ranks(summary, folder.path().resolve("timeline/trace.json"));
      Map<String, Object> report = BenchReport.of(shape, local.master(), ranks);
      report.put("driver_rss_mb", RankReport.peakResidentMb());
      putTimes(report, fitSeconds, summary, startup);
      BenchReport.addMachine(report, shape);
      return report;
    }
  }

  private List<RankReport> ranks(TrainingSummary summary, Path trace) throws IOException {
    List<RankReport> ranks = new ArrayList<>();
    for (List<TimelineSpan> spans : TraceSpans.read(trace, shape.ppSize)) {
      ranks.add(
          RankReport.of(
              spans,
              list(summary.stepSeconds()),
              list(summary.objectiveHistory()),
              summary.peakBytes()[ranks.size()] / (double) (1 << 20),
              List.of(),
              Map.of()));
    }
    return ranks;
  }

  /** What the fit took beside its steps: start-up until they begin, and the rest. */
  private static void putTimes(
      Map<String, Object> report,
      double fitSeconds,
      TrainingSummary summary,
      Map<String, Double> startup) {
    double untilSteps = 0;
    for (Map.Entry<String, Double> phase : summary.phaseSeconds().entrySet()) {
      if (phase.getKey().equals("steps")) {
        break;
      }
      startup.put(phase.getKey(), phase.getValue());
      untilSteps += phase.getValue();
    }
    double stepSeconds = Arrays.stream(summary.stepSeconds()).sum();
    double outside = fitSeconds - untilSteps - stepSeconds;
    startup.put("first_step", summary.stepSeconds()[0]);
    List<Double> data = list(summary.dataSeconds());
    report.put("startup_s", startup);
    report.put("fit_s", fitSeconds);
    report.put("phases_s", summary.phaseSeconds());
    report.put("steps_s", stepSeconds);
    report.put("outside_s", outside);
    report.put("outside_share", outside / (fitSeconds - untilSteps));
    report.put("data_first_s", data.get(0));
    report.put("data_s", BenchReport.warm(data).stream().mapToDouble(wait -> wait).sum());
    report.put(
        "data_longest_s", BenchReport.warm(data).stream().mapToDouble(w -> w).max().orElse(0));
  }

  private static List<Double> list(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private CausalLMTrainer trainer(Path output) {
    CausalLMTrainer trainer =
        new CausalLMTrainer()
            .setInputCol("text")
            .setTokenizerPath(local.data())
            .setSeqLength(shape.seq)
            .setPpSize(shape.ppSize)
            .setPpSchedule(shape.schedule)
            .setSplitStrategy(shape.split)
            .setPpMicrobatchSize(shape.microbatchSize)
            .setGlobalBatchSize(shape.rows())
            .setMaxSteps(shape.steps)
            .setLearningRate(shape.learningRate)
            .setLrDecayStyle("constant")
            .setLrWarmupSteps(0)
            .setThreadsPerRank(shape.threads)
            .setTimelineSteps(1)
            .setOutputPath(output.toUri().toString());
    shape.method.applyTo(trainer);
    if (shape.layersPerStage() != null) {
      trainer.setLayersPerStage(shape.layersPerStage());
    }
    return shape.model == null
        ? trainer.setModelConfig(shape.modelConfig())
        : trainer.setModelPath(shape.model);
  }
}
