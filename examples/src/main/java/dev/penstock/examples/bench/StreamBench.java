package dev.penstock.examples.bench;

import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TrainingSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Seconds from the call of fit to the end of its first step, on a frame and on one many times as
 * long, with a stream and with staged data. Partitions of both frames have the same length.
 */
@Command(name = "stream-bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class StreamBench extends BenchCommand {
  private static final int RANKS = 2;
  private static final int WORDS = 40;
  private static final int WARM_UPS_OF_EACH = 3; // of the processes

  @Mixin private final LocalSpark local = new LocalSpark();
  private final BenchShape shape = new BenchShape();

  @Option(names = "--partitions", description = "of the frame (default: ${DEFAULT-VALUE})")
  private int partitions = 8;

  @Option(
      names = "--times",
      description = "as long as the other one is (default: ${DEFAULT-VALUE})")
  private int times = 100;

  @Option(names = "--rows", description = "of a partition (default: ${DEFAULT-VALUE})")
  private int rows = 100;

  @Option(
      names = "--repeat",
      description = "times each is measured after a warm-up (default: ${DEFAULT-VALUE})")
  private int repeat = 5;

  StreamBench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new StreamBench()).execute(args));
  }

  @Override
  Map<String, Object> measure() throws IOException {
    shape.hidden = 64;
    shape.layers = 2;
    Map<String, Object> report = new LinkedHashMap<>();
    try (SparkSession spark = local.start();
        TempFolder folder = TempFolder.create(null)) {
      report.put("master", local.master());
      report.put("partitions", List.of(partitions, partitions * times));
      report.put("rows", List.of((long) partitions * rows, (long) partitions * times * rows));
      warmUp(spark, folder.path());
      for (String mode : List.of("stream", "staged")) {
        List<Double> small = new ArrayList<>();
        List<Double> large = new ArrayList<>();
        firstStep(folder.path(), frame(spark, partitions), mode);
        for (int i = 0; i < repeat; i++) { // in turn, for the machine may drift
          small.add(firstStep(folder.path(), frame(spark, partitions), mode));
          large.add(firstStep(folder.path(), frame(spark, partitions * times), mode));
        }
        report.put(mode + "_first_step_s", List.of(Medians.of(small), Medians.of(large)));
        report.put(mode + "_ratio", Medians.of(large) / Medians.of(small));
      }
    }
    return report;
  }

  private Dataset<Row> frame(SparkSession spark, int count) {
    return spark
        .range(0, (long) count * rows, 1, count)
        .selectExpr(
            String.format(
                Locale.ROOT,
                "concat_ws(' ', transform(sequence(1, %d), i -> concat('word', (id * 31 + i * 17) %% 997))) text",
                WORDS));
  }

  /**
   * Which executors have the ranks of a fit, and which tokenizes, is chance, and each loads natives
   * and classes when it does one or the other for the first time: so there are as many fits before
   * as let all do both, most likely.
   */
  private void warmUp(SparkSession spark, Path folder) {
    int processes = spark.sparkContext().statusTracker().getExecutorInfos().length;
    for (int i = 0; i < WARM_UPS_OF_EACH * processes; i++) {
      firstStep(folder, frame(spark, partitions), "stream");
    }
  }

  private double firstStep(Path folder, Dataset<Row> frame, String mode) {
    CausalLMTrainer trainer =
        new CausalLMTrainer()
            .setTokenizerPath(local.data())
            .setModelConfig(shape.modelConfig())
            .setSeqLength(shape.seq)
            .setPpSize(RANKS)
            .setGlobalBatchSize(4)
            .setMaxSteps(2)
            .setThreadsPerRank(1)
            .setDataMode(mode)
            .setOutputPath(folder.toUri().toString())
            .setOverwriteOutput(true);
    TrainingSummary summary = trainer.fit(frame).summary();
    double until = 0;
    for (Map.Entry<String, Double> phase : summary.phaseSeconds().entrySet()) {
      if (phase.getKey().equals("steps")) {
        break;
      }
      until += phase.getValue();
    }
    return until + summary.stepSeconds()[0];
  }
}
