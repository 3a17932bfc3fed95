package dev.penstock.spark;

import dev.penstock.spark.interop.StageMetadata;
import org.apache.spark.ml.util.MLReader;

/** Reads what a trainer's {@code write()} has written. */
final class TrainerReader extends MLReader<CausalLMTrainer> {
  @Override
  public CausalLMTrainer load(String path) {
    return StageMetadata.load(
        path, sparkSession().sparkContext(), CausalLMTrainer.class, CausalLMTrainer::new);
  }
}
