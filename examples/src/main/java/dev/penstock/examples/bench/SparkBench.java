package dev.penstock.examples.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.spark.CausalLMModel;
import dev.penstock.spark.CausalLMTrainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains the same shape as {@link Bench} through {@code CausalLMTrainer.fit}, so that what Spark
 * adds can be seen. The rows are those of the quickstart's text.
 */
@Command(name = "spark-bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class SparkBench implements Callable<Integer> {
  @Mixin private final BenchShape shape = new BenchShape();

  @Option(names = "--master", description = "Spark master (default: ${DEFAULT-VALUE})")
  private String master = "local[2]";

  @Option(names = "--data", required = true, description = "folder of the quickstart's data")
  private String data;

  private SparkBench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new SparkBench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(master)
            .appName("penstock-bench")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    try (SparkSession spark = builder.getOrCreate()) {
      System.out.println(new ObjectMapper().writeValueAsString(measure(spark)));
    }
    return 0;
  }

  private Map<String, Object> measure(SparkSession spark) throws Exception {
    Dataset<Row> verses =
        spark.read().option("header", true).option("sep", "\t").csv(data + "/kjv.tsv.gz");
    Path output = Files.createTempDirectory("penstock-spark-bench");
    long begin = System.nanoTime();
    CausalLMModel model = trainer(output).fit(verses);
    double fitSeconds = (System.nanoTime() - begin) / 1e9;
    List<Double> steps = Arrays.stream(model.summary().stepSeconds()).boxed().toList();
    double stepSeconds = steps.stream().mapToDouble(Double::doubleValue).sum();
    double medianStep = BenchReport.medianStep(steps);
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("penstock", "0.1.0");
    report.put("master", master);
    report.put("schedule", shape.schedule);
    report.put("shape", shape.flags());
    report.put("step_s", medianStep);
    report.put("tok_s", shape.rows() * shape.seq / medianStep);
    report.put("fit_s", fitSeconds);
    report.put("steps_s", stepSeconds);
    report.put("outside_steps_s", fitSeconds - stepSeconds);
    report.put("losses", model.summary().objectiveHistory());
    return report;
  }

  private CausalLMTrainer trainer(Path output) {
    return new CausalLMTrainer()
        .setInputCol("text")
        .setTokenizerPath(data)
        .setModelConfig(shape.modelConfig())
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
        .setOutputPath(output.toUri().toString())
        .setOverwriteOutput(true);
  }
}
