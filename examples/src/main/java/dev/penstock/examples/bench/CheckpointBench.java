package dev.penstock.examples.bench;

import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.CheckpointManifest;
import dev.penstock.engine.checkpoint.StateSlice;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TrainingSummary;
import dev.penstock.storage.LocalFolder;
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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What checkpoints cost a fit: the same fit in turn without and with them, then one more that goes
 * on from the last one; and how fast they are written, against dd on the same folder.
 */
@Command(name = "checkpoint-bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class CheckpointBench extends BenchCommand {
  @Mixin private final BenchShape shape = new BenchShape();
  @Mixin private final LocalSpark local = new LocalSpark();

  @Option(names = "--every", description = "steps between two (default: ${DEFAULT-VALUE})")
  private int every = 20;

  @Option(names = "--pairs", description = "fits of each kind (default: ${DEFAULT-VALUE})")
  private int pairs = 1;

  @Option(names = "--folder", description = "where to write (default: the temporary folder)")
  private @Nullable Path folder;

  CheckpointBench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new CheckpointBench()).execute(args));
  }

  @Override
  Map<String, Object> measure() throws IOException {
    try (SparkSession spark = local.start();
        TempFolder target = TempFolder.create(folder)) {
      Dataset<Row> verses = local.verses(spark).cache();
      Path checkpoints = target.path().resolve("checkpoints");
      List<Double> without = new ArrayList<>();
      List<Double> with = new ArrayList<>();
      double still = 0;
      for (int pair = 0; pair < pairs; pair++) {
        without.addAll(steps(trainer(shape.steps).fit(verses).summary()));
        TrainingSummary summary =
            checkpointing(shape.steps, checkpoints).setResume("never").fit(verses).summary();
        with.addAll(steps(summary));
        still += summary.checkpointSeconds();
      }
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("shape", shape.flags());
      CheckpointManifest newest = newest(checkpoints);
      report.put("parameters", parameters(newest));
      report.put("checkpoint_bytes", newest.bytes());
      report.put("every", every);
      report.put("steps_s", sum(with));
      report.put("still_s", still);
      report.put("still_share", still / (still + sum(with)));
      report.put("step_without_s", Medians.of(without));
      report.put("step_with_s", Medians.of(with));
      report.put("slower_share", (still + sum(with)) / sum(without) - 1);
      report.put("resume_s", secondsToFirstStep(verses, checkpoints));
      report.putAll(new CheckpointRates(target.path(), newest.bytes()).measure());
      return report;
    }
  }

  private static List<Double> steps(TrainingSummary summary) {
    return BenchReport.warm(Arrays.stream(summary.stepSeconds()).boxed().toList());
  }

  private static double sum(List<Double> seconds) {
    return seconds.stream().mapToDouble(each -> each).sum();
  }

  private static CheckpointManifest newest(Path checkpoints) throws IOException {
    CheckpointFolder folder = new CheckpointFolder(new LocalFolder(checkpoints));
    return folder.read(folder.steps().get(0));
  }

  private static long parameters(CheckpointManifest manifest) {
    return manifest.files().stream()
        .flatMap(file -> file.slices().stream())
        .filter(stored -> stored.kind().equals(StateSlice.WEIGHT))
        .mapToLong(stored -> stored.slice().numel())
        .sum();
  }

  /** From the call of fit to the end of the first step after the last checkpoint. */
  private double secondsToFirstStep(Dataset<Row> verses, Path checkpoints) {
    List<Long> steps = new ArrayList<>();
    long begin = System.nanoTime();
    checkpointing(shape.steps + 1, checkpoints)
        .setProgressInterval(1)
        .setProgressLines(
            line -> {
              if (line.startsWith("step ")) {
                steps.add(System.nanoTime());
              }
            })
        .fit(verses);
    return (steps.get(0) - begin) / 1e9;
  }

  private CausalLMTrainer checkpointing(int steps, Path checkpoints) {
    return trainer(steps)
        .setCheckpointPath(checkpoints.toUri().toString())
        .setCheckpointInterval(every);
  }

  private CausalLMTrainer trainer(int steps) {
    CausalLMTrainer trainer =
        new CausalLMTrainer()
            .setInputCol("text")
            .setTokenizerPath(local.data())
            .setModelConfig(shape.modelConfig())
            .setSeqLength(shape.seq)
            .setPpSize(shape.ppSize)
            .setPpSchedule(shape.schedule)
            .setPpMicrobatchSize(shape.microbatchSize)
            .setGlobalBatchSize(shape.rows())
            .setMaxSteps(steps)
            .setLearningRate(shape.learningRate)
            .setLrWarmupSteps(0)
            .setLrDecaySteps(shape.steps) // the same however many it takes
            .setThreadsPerRank(shape.threads);
    shape.method.applyTo(trainer);
    return trainer;
  }
}
