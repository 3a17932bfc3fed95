package dev.penstock.examples.bench;

import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TrainingSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Tokens a second and core of ingesting through Spark, which tokenizes, packs and writes, against
 * the tokenizers library alone in one thread. The text is the quickstart's, several times over.
 */
@Command(name = "ingest-bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class IngestBench extends BenchCommand {
  private static final BenchShape SMALL = new BenchShape();

  static {
    SMALL.hidden = 64;
    SMALL.layers = 1;
  }

  @Mixin private final LocalSpark local = new LocalSpark();

  @Option(names = "--copies", description = "of the text, in Spark (default: ${DEFAULT-VALUE})")
  private int copies = 8;

  @Option(names = "--seq", description = "tokens of a sequence (default: ${DEFAULT-VALUE})")
  private int seqLength = SMALL.seq;

  @Option(
      names = "--repeat",
      description = "times it is measured after one warm-up (default: ${DEFAULT-VALUE})")
  private int repeat = 3;

  IngestBench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new IngestBench()).execute(args));
  }

  @Override
  Map<String, Object> measure() throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    try (SparkSession spark = local.start();
        TempFolder folder = TempFolder.create(null)) {
      List<String> texts = local.verses(spark).select("text").as(Encoders.STRING()).collectAsList();
      LibraryRates alone =
          LibraryRates.measure(Path.of(local.data()), texts, seqLength, SMALL.vocab, repeat);
      putStaging(report, spark, folder.path());
      report.put("library_tok_s", alone.library());
      report.put("share_of_library", (double) report.get("tok_s_per_core") / alone.library());
      report.put("encode_tok_s", alone.encode());
      report.put("share_of_encode", (double) report.get("tok_s_per_core") / alone.encode());
      report.put("pack_tok_s", alone.pack());
      report.put("write_tok_s", alone.write());
    }
    return report;
  }

  /** Fits the smallest model for one step: what counts is the ingest phase of its summary. */
  private void putStaging(Map<String, Object> report, SparkSession spark, Path folder) {
    int cores = spark.sparkContext().defaultParallelism();
    Dataset<Row> texts =
        local
            .verses(spark)
            .select("text")
            .crossJoin(spark.range(copies).toDF("copy"))
            .repartition(2 * cores)
            .cache();
    texts.count(); // reading the file is not what is measured
    List<Double> seconds = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i <= repeat; i++) {
      TrainingSummary summary = trainer(folder).fit(texts).summary();
      tokens = summary.numTokens();
      if (i > 0) {
        seconds.add(summary.phaseSeconds().get("ingest"));
      }
    }
    report.put("master", local.master());
    report.put("cores", cores);
    report.put("texts", texts.count());
    report.put("tokens", tokens);
    report.put("ingest_s", seconds);
    report.put("tok_s_per_core", tokens / Medians.of(seconds) / cores);
  }

  private CausalLMTrainer trainer(Path folder) {
    return new CausalLMTrainer()
        .setInputCol("text")
        .setTokenizerPath(local.data())
        .setModelConfig(SMALL.modelConfig())
        .setSeqLength(seqLength)
        .setPpSize(1)
        .setGlobalBatchSize(1)
        .setMaxSteps(1)
        .setOutputPath(folder.toUri().toString())
        .setOverwriteOutput(true);
  }
}
