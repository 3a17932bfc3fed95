package dev.penstock.engine.modelfiles;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the weights of a model lie.
 *
 * @param model a Hugging Face model folder
 * @param adapter a folder of adapters that peft opens, for that model; null: there are none
 */
public record ModelFiles(FileSource model, @Nullable FileSource adapter) {
  private static final String CONFIG = "config.json";

  /** Many times what the largest take. */
  private static final long MAX_CONFIG_BYTES = 16L << 20;

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
    long length = folder.length(name);
    if (length > MAX_CONFIG_BYTES) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The %s in %s has %d bytes, more than the %d that it may have. Is it another file?",
              name,
              folder.location(),
              length,
              MAX_CONFIG_BYTES));
    }
    try (InputStream in = Channels.newInputStream(folder.open(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Reads the model's config and compares the headers of its files with what that calls for. Reads
   * no weights, but for a head where the config says that there is none of its own.
   *
   * @throws ConfigException listing what is missing, not supported or does not fit
   */
  public CheckedModel checkModel() throws IOException {
    String given = readConfig();
    DecoderSpec spec = ModelFamilies.parse(given);
    try (ModelWeights weights = ModelWeights.open(model)) {
      List<String> warnings = new ArrayList<>();
      String config = given;
      if (spec.tiedEmbeddings() && OwnHead.isIn(weights, spec)) {
        config = ModelFamilies.untied(given);
        spec = ModelFamilies.parse(config);
        warnings.add(
            "The config.json in %s ties the head to the embedding (tie_word_embeddings), but its %s differs from %s: both are used and saved, as transformers does."
                .formatted(
                    model.location(), DecoderTensors.HEAD_WEIGHT, DecoderTensors.EMBEDDING_WEIGHT));
      }
      warnings.addAll(WeightCheck.check(spec, weights, model.location()));
      return new CheckedModel(given, config, spec, warnings);
    }
  }

  /**
   * Compares the header of the adapters' file with what model and adapters call for; does nothing
   * where this has none.
   *
   * @param lora the adapters; may be null where this has none
   * @throws ConfigException listing what does not fit
   */
  public void checkAdapter(DecoderSpec spec, @Nullable LoraSpec lora) throws IOException {
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
