package dev.penstock.examples.bench;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of shared shape: those of the peer's script, with the same defaults. */
final class BenchShape implements Serializable {
  @Option(names = "--hidden", description = "hidden size (default: ${DEFAULT-VALUE})")
  int hidden = 256;

  @Option(names = "--layers", description = "decoder layers (default: ${DEFAULT-VALUE})")
  int layers = 4;

  @Option(names = "--seq", description = "tokens of a row (default: ${DEFAULT-VALUE})")
  int seq = 256;

  @Option(names = "--mb", description = "rows of a microbatch (default: ${DEFAULT-VALUE})")
  int microbatchSize = 1;

  @Option(names = "--n-mb", description = "microbatches of a step (default: ${DEFAULT-VALUE})")
  int numMicrobatches = 8;

  @Option(names = "--vocab", description = "vocabulary (default: ${DEFAULT-VALUE})")
  int vocab = 8192;

  @Option(names = "--steps", description = "optimizer steps (default: ${DEFAULT-VALUE})")
  int steps = 8;

  @Option(names = "--threads", description = "cores of a rank (default: ${DEFAULT-VALUE})")
  int threads = 1;

  @Option(names = "--heads", description = "query heads (default: hidden / 64)")
  int heads;

  @Option(names = "--kv", description = "key and value heads (default: heads / 2)")
  int kvHeads;

  @Option(names = "--inter", description = "feed-forward width (default: hidden * 11 / 4)")
  int intermediate;

  @Option(names = "--tied", description = "whether the head is the embedding")
  boolean tied;

  @Option(names = "--spr", description = "stages per rank (default: the schedule's)")
  int stagesPerRank;

  @Option(names = "--pp", description = "pipeline ranks (default: ${DEFAULT-VALUE})")
  int ppSize = 2;

  @Option(names = "--schedule", description = "schedule name (default: ${DEFAULT-VALUE})")
  String schedule = "1F1B";

  @Option(names = "--lr", description = "learning rate (default: ${DEFAULT-VALUE})")
  double learningRate = 1e-3;

  @Option(names = "--split", description = "layers, cost or measured (default: ${DEFAULT-VALUE})")
  String split = "cost";

  @Mixin BenchMethod method = new BenchMethod();

  @Option(names = "--model", description = "Hugging Face folder to start from")
  @Nullable String model;

  @Option(names = "--ids", description = "torch file with int64 [steps, n-mb * mb, seq]")
  @Nullable String ids;

  /** The flags again, for another JVM. */
  List<String> flags() {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--hidden=" + hidden,
                "--layers=" + layers,
                "--seq=" + seq,
                "--mb=" + microbatchSize,
                "--n-mb=" + numMicrobatches,
                "--vocab=" + vocab,
                "--steps=" + steps,
                "--threads=" + threads,
                "--heads=" + heads,
                "--kv=" + kvHeads,
                "--inter=" + intermediate,
                "--spr=" + stagesPerRank,
                "--pp=" + ppSize,
                "--schedule=" + schedule,
                "--lr=" + learningRate,
                "--split=" + split));
    flags.addAll(method.flags());
    if (tied) {
      flags.add("--tied");
    }
    if (model != null) {
      flags.add("--model=" + model);
    }
    if (ids != null) {
      flags.add("--ids=" + ids);
    }
    return flags;
  }

  int rows() {
    return microbatchSize * numMicrobatches;
  }

  TrainingConfig config(String modelConfig) {
    return method.of(
        new TrainingConfig(
            modelConfig,
            new ParallelConfig(ppSize, 1),
            new BatchConfig(rows(), microbatchSize, seq),
            new ScheduleConfig(
                schedule,
                null,
                layersPerStage(),
                null,
                split.equals("measured") ? "cost" : split,
                List.of()),
            OptimizerConfig.adamW(learningRate),
            LrScheduleConfig.constant(),
            steps,
            0));
  }

  @Nullable Integer layersPerStage() {
    int stages = ppSize * stagesPerRank;
    return stages == 0 ? null : Integer.valueOf((layers + stages - 1) / stages);
  }

  /** The config.json of the peer's Llama. */
  String modelConfig() {
    return PeerLlama.config(this);
  }
}
