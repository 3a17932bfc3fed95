package dev.penstock.spark;

import dev.penstock.spark.interop.LocalCopy;
import dev.penstock.spark.interop.StageMetadata;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.MLReader;

/** Loads what {@link ModelWriter} saved; the weights stay where they are until they are needed. */
final class ModelReader extends MLReader<CausalLMModel> {
  @Override
  public CausalLMModel load(String path) {
    return StageMetadata.load(
        path,
        sc(),
        CausalLMModel.class,
        uid -> new CausalLMModel(uid, new Path(path, ModelWriter.DATA).toString(), null));
  }

  @SuppressWarnings("MissingOverride") // Spark before 4.1 has no such method
  public CausalLMModel loadFromLocal(String path) {
    return LocalCopy.read(path, CausalLMModel.class);
  }
}
