package dev.penstock.spark;

import dev.penstock.spark.fit.ModelSave;
import dev.penstock.spark.interop.LocalCopy;
import dev.penstock.spark.interop.StageMetadata;
import dev.penstock.spark.params.TrainerOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.spark.ml.param.ParamMap;
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
    model.checkThere();
    String base = model.<String>valueIfAny(TrainerOption.BASE_MODEL_PATH).orElse(null);
    String cache = model.<String>valueIfAny(TrainerOption.MODEL_CACHE_PATH).orElse(null);
    new ModelSave(model.modelPath(), base, cache, this::writeMetadata, model.uid(), sc())
        .save(path, shouldOverwrite());
  }

  /** Writes where the model is, not the model: the server of Spark Connect does so at each fit. */
  @SuppressWarnings("MissingOverride") // Spark before 4.1 has no such method
  public void saveToLocal(String path) throws IOException {
    LocalCopy.write(model, path);
  }

  private void writeMetadata(String folder, Optional<String> base) {
    CausalLMModel saved = model.copy(ParamMap.empty());
    base.ifPresent(saved::setBaseModelPath);
    StageMetadata.save(saved, folder, sc());
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
