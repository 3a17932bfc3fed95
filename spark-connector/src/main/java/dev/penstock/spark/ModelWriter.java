package dev.penstock.spark;

import dev.penstock.spark.fit.ModelSave;
import dev.penstock.spark.interop.StageMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.ml.util.MLWriter;

/**
 * Saves a model: the Hugging Face folder as {@code data}, and the metadata. An older one is
 * replaced once the new one is complete.
 */
final class ModelWriter extends MLWriter {
  static final String DATA = ModelSave.DATA;

  private final CausalLMModel model;

  ModelWriter(CausalLMModel model) {
    this.model = model;
  }

  /** Does not let Spark delete first what overwrite replaces. */
  @Override
  public void save(String path) throws IOException {
    model.checkThere(sc());
    new ModelSave(
            model.modelPath(), folder -> StageMetadata.save(model, folder, sc()), model.uid(), sc())
        .save(path, shouldOverwrite());
  }

  @Override
  public void saveImpl(String path) {
    try {
      save(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
