package dev.penstock.examples.bench;

import dev.penstock.spark.CausalLMModel;
import dev.penstock.spark.CausalLMTrainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Rows a second of {@code CausalLMModel.transform} on the quickstart's text, and what drawing a
 * token costs beside taking the likeliest, with a vocabulary as large as Qwen's.
 */
@Command(name = "scoring-bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class ScoringBench extends BenchCommand {
  private static final int LARGE_VOCABULARY = 151_936;
  private static final String PROMPT = "In the beginning";

  @Mixin private final LocalSpark local = new LocalSpark();

  @Option(names = "--rows", description = "verses to score (default: ${DEFAULT-VALUE})")
  private int rows = 4_000;

  @Option(names = "--hidden", description = "of the model that scores (default: ${DEFAULT-VALUE})")
  private int hidden = 128;

  @Option(names = "--layers", description = "of the model that scores (default: ${DEFAULT-VALUE})")
  private int layers = 4;

  @Option(names = "--new-tokens", description = "to generate (default: ${DEFAULT-VALUE})")
  private int newTokens = 40;

  @Option(
      names = "--repeat",
      description = "times it is measured after one warm-up (default: ${DEFAULT-VALUE})")
  private int repeat = 3;

  ScoringBench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new ScoringBench()).execute(args));
  }

  private interface Work {
    void run();
  }

  @Override
  Map<String, Object> measure() throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    try (SparkSession spark = local.start();
        TempFolder folder = TempFolder.create(null)) {
      Dataset<Row> verses =
          local.verses(spark).select("ref", "text").limit(rows).repartition(4).cache();
      report.put("master", local.master());
      report.put("rows", verses.count());
      BenchShape shape = new BenchShape();
      shape.hidden = hidden;
      shape.layers = layers;
      CausalLMModel scorer = fit(shape, verses, folder.path().resolve("scorer"));
      double seconds =
          seconds(() -> scorer.transform(verses).agg(functions.sum("nll")).collectAsList());
      report.put("rows_s", rows / seconds);

      shape.hidden = 64;
      shape.layers = 2;
      shape.vocab = LARGE_VOCABULARY;
      CausalLMModel writer = fit(shape, verses.limit(20), folder.path().resolve("writer"));
      double greedy = seconds(() -> writer.generate(PROMPT, newTokens));
      report.put("greedy_ms", 1e3 * greedy);
      report.put("top_k_top_p_ratio", ratio(writer, 50, 0.9, greedy));
      report.put("top_p_ratio", ratio(writer, 0, 0.9, greedy));
      report.put("all_ratio", ratio(writer, 0, 1.0, greedy));
    }
    return report;
  }

  private double ratio(CausalLMModel model, int topK, double topP, double greedy) {
    return seconds(() -> model.generate(PROMPT, newTokens, 0.8, topK, topP, 3)) / greedy;
  }

  private double seconds(Work work) {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i <= repeat; i++) {
      long begin = System.nanoTime();
      work.run();
      if (i > 0) {
        seconds.add((System.nanoTime() - begin) / 1e9);
      }
    }
    return Medians.of(seconds);
  }

  private CausalLMModel fit(BenchShape shape, Dataset<Row> texts, Path folder) {
    return new CausalLMTrainer()
        .setInputCol("text")
        .setTokenizerPath(local.data())
        .setModelConfig(shape.modelConfig())
        .setSeqLength(shape.seq)
        .setPpSize(1)
        .setGlobalBatchSize(1)
        .setMaxSteps(1)
        .setOutputPath(folder.toUri().toString())
        .fit(texts);
  }
}
