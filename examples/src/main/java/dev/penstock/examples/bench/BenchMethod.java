package dev.penstock.examples.bench;

import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.spark.CausalLMTrainer;
import java.io.Serializable;
import java.util.List;
import picocli.CommandLine.Option;

/** The flags of how a shape is computed, and what of it is trained. */
final class BenchMethod implements Serializable {
  @Option(names = "--precision", description = "float32 or bfloat16 (default: ${DEFAULT-VALUE})")
  String precision = "float32";

  @Option(
      names = "--recompute",
      description = "layers of a stage that run again: none, full or a number (default: none)")
  String recompute = "none";

  @Option(names = "--lora", description = "trains adapters of this rank alone (default: none)")
  int loraRank;

  @Option(
      names = "--lora-modules",
      split = ",",
      description = "modules with adapters (default: ${DEFAULT-VALUE})")
  List<String> loraModules = List.of(LoraConfig.ALL_LINEAR);

  /** The flags again, for another JVM. */
  List<String> flags() {
    return List.of(
        "--precision=" + precision,
        "--recompute=" + recompute,
        "--lora=" + loraRank,
        "--lora-modules=" + String.join(",", loraModules));
  }

  /** A run of the engine, computed so. */
  TrainingConfig of(TrainingConfig config) {
    TrainingConfig computed =
        config.withCompute(
            ComputeConfig.DEFAULT
                .withRecompute(Recompute.parse(recompute))
                .withPrecision(precision()));
    return loraRank == 0
        ? computed
        : computed.withLora(
            new LoraConfig(loraRank, 2.0 * loraRank, 0, loraModules, List.of(), false));
  }

  /** The same through Spark. */
  void applyTo(CausalLMTrainer trainer) {
    trainer.setRecompute(recompute).setPrecision(precision);
    if (loraRank > 0) {
      trainer
          .setLoraTargetModules(loraModules.toArray(String[]::new))
          .setLoraRank(loraRank)
          .setLoraAlpha(2.0 * loraRank);
    }
  }

  Precision precision() {
    return Precision.parse(precision);
  }
}
