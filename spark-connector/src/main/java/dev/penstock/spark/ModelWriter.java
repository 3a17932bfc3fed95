package dev.penstock.spark;

import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.interop.StageMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWriter;

/** Saves a model: the Hugging Face folder as {@code data}, then the metadata, which commits it. */
final class ModelWriter extends MLWriter {
  static final String DATA = "data";

  private final CausalLMModel model;

  ModelWriter(CausalLMModel model) {
    this.model = model;
  }

  @Override
  public void save(String path) throws IOException {
    Configuration conf = sc().hadoopConfiguration();
    String target = HadoopFolder.of(path, conf).location();
    String source = HadoopFolder.of(model.modelPath(), conf).location();
    if ((source + Path.SEPARATOR).startsWith(target + Path.SEPARATOR)) {
      throw new IOException(
          "Cannot save to %s, for the model itself lies there, in %s. Save to another path."
              .formatted(target, source));
    }
    super.save(path);
  }

  @Override
  public void saveImpl(String path) {
    Configuration conf = sc().hadoopConfiguration();
    CausalLMModel saved = model.copy(ParamMap.empty());
    try {
      Optional<String> base =
          ModelFolder.copy(
              HadoopFolder.of(model.modelPath(), conf),
              HadoopFolder.of(new Path(path, DATA).toString(), conf));
      if (!model.isDefined(model.baseModelPath())) {
        base.ifPresent(saved::setBaseModelPath);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot copy the model from %s to %s".formatted(model.modelPath(), path), e);
    }
    StageMetadata.save(saved, path, sc());
  }
}
