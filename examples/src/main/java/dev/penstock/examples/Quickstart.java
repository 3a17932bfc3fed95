package dev.penstock.examples;

import dev.penstock.spark.CausalLMModel;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TrainingSummary;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The main job, end to end: reads a text, trains a small Llama over two pipeline ranks, and shows
 * what came of it.
 *
 * <p>Both folders may lie on any file system that Spark reaches. The data folder holds {@code
 * kjv.tsv.gz}, {@code tokenizer.json} and {@code config.json}.
 */
public final class Quickstart {
  private static final int MAX_STEPS = 400;
  private static final List<String> PROMPTS =
      List.of("And the LORD said unto Moses,", "In the beginning", "Blessed are they");

  private Quickstart() {}

  /**
   * Runs the job in the Spark that submitted it.
   *
   * @param args the data folder, the folder that becomes the model, and optionally the number of
   *     steps
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      System.err.println("usage: Quickstart DATA_FOLDER OUTPUT_FOLDER [STEPS]");
      System.exit(2);
    }
    int steps = args.length > 2 ? Integer.parseInt(args[2]) : MAX_STEPS;
    try (SparkSession spark = SparkSession.builder().appName("penstock-quickstart").getOrCreate()) {
      run(spark, args[0], args[1], steps);
    }
  }

  private static void run(SparkSession spark, String data, String output, int steps) {
    Dataset<Row> verses =
        spark.read().option("header", true).option("sep", "\t").csv(data + "/kjv.tsv.gz");
    String config = spark.read().option("wholetext", true).textFile(data + "/config.json").first();

    System.out.printf(
        Locale.ROOT,
        "Training a Llama on %,d verses of the King James Bible, %d steps over two pipeline ranks.%n",
        verses.count(),
        steps);
    CausalLMTrainer trainer =
        new CausalLMTrainer()
            .setInputCol("text")
            .setTokenizerPath(data)
            .setModelConfig(config)
            .setSeqLength(128)
            .setPpSize(2)
            .setPpSchedule("1f1b")
            .setPpMicrobatchSize(1)
            .setGlobalBatchSize(8)
            .setMaxSteps(steps)
            .setLearningRate(2e-3)
            .setBeta2(0.98)
            .setSeed(7)
            .setOutputPath(output)
            .setOverwriteOutput(true)
            .setProgressInterval(20)
            .setProgressLines(System.out::println);
    CausalLMModel model = trainer.fit(verses);
    show(model);
    System.out.printf("%nThe model, a Hugging Face folder, is in %s%n", model.modelPath());
  }

  private static void show(CausalLMModel model) {
    TrainingSummary summary = model.summary();
    double[] losses = summary.objectiveHistory();
    System.out.printf(
        Locale.ROOT,
        "%nLoss, from %.2f to %.2f in %,d tokens (%,.0f tokens/s):%n%s",
        losses[0],
        losses[losses.length - 1],
        summary.tokensSeen(),
        summary.tokensPerSecond(),
        summary.lossCurve());
    System.out.printf("%nStages:%n%s", summary.stageTable());
    System.out.printf("%nMemory in MB:%n%s", summary.memoryTable());
    System.out.printf("%nThe model continues:%n");
    for (String prompt : PROMPTS) {
      System.out.printf("  [%s]%s%n", prompt, model.generate(prompt, 40, 0.5, 7));
    }
  }
}
