package dev.penstock.engine.modelfiles;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where the weights of a model lie.
 *
 * @param model a Hugging Face model folder
 * @param adapter a folder of adapters that peft opens, for that model; null: there are none
 */
public record ModelFiles(FileSource model, @Nullable FileSource adapter) {
  private static final String CONFIG = "config.json";

  public ModelFiles {
    requireNonNull(model, "model is null");
  }

  /** A model without adapters. */
  public static ModelFiles of(FileSource model) {
    return new ModelFiles(model, null);
  }

  /**
   * Text of the model's {@code config.json}.
   *
   * @throws ConfigException if there is none
   */
  public String readConfig() throws IOException {
    if (!model.exists(CONFIG)) {
      throw new ConfigException(
          "There is no %s in %s. %s"
              .formatted(
                  CONFIG,
                  model.location(),
                  model.exists(AdapterFolder.CONFIG)
                      ? "It holds adapters alone: say where the model is that they adapt."
                      : "It must be a Hugging Face model folder."));
    }
    return read(model, CONFIG);
  }

  /** Text of the adapters' {@code adapter_config.json}; null if there are none. */
  public @Nullable String readAdapterConfig() throws IOException {
    return adapter == null ? null : read(adapter, AdapterFolder.CONFIG);
  }

  private static String read(FileSource folder, String name) throws IOException {
    try (InputStream in = Channels.newInputStream(folder.open(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Compares the headers of the files with what the configs call for; see {@link
   * WeightCheck#check}.
   *
   * @param lora the adapters; may be null where this has none
   * @throws ConfigException listing what does not fit
   */
  public void check(DecoderSpec spec, @Nullable LoraSpec lora) throws IOException {
    WeightCheck.check(spec, model);
    if (adapter != null) {
      AdapterFolder.check(spec, requireNonNull(lora, "lora is null"), adapter);
    }
  }

  /**
   * Reads the weights of a rank, converted to their dtype and device. Adapters are left alone where
   * this has none.
   *
   * @param spec the whole model
   */
  public void read(DecoderSpec spec, ParameterArena arena) throws IOException {
    try (ModelWeights weights = ModelWeights.open(model)) {
      WeightReader.read(spec, weights, arena);
    }
    if (adapter != null) {
      AdapterFolder.read(adapter, arena);
    }
  }
}
