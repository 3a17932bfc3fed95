package dev.penstock.engine.model.family;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads any supported {@code config.json}. */
public final class ModelFamilies {
  private static final List<ModelFamily> FAMILIES = List.of(new LlamaFamily());

  private ModelFamilies() {}

  /** Every supported {@code model_type}, sorted. */
  public static SortedSet<String> modelTypes() {
    SortedSet<String> types = new TreeSet<>();
    FAMILIES.forEach(family -> types.addAll(family.modelTypes()));
    return types;
  }

  /**
   * Describes the model.
   *
   * @param configJson text of a Hugging Face {@code config.json}
   * @throws ConfigException listing every problem: unknown type, missing keys, unsupported values
   */
  public static DecoderSpec parse(String configJson) {
    ConfigReader config = ConfigReader.parse(configJson);
    if (config.flag("is_encoder_decoder", false)) {
      config.problem(
          "it is an encoder-decoder ('is_encoder_decoder' is true); only decoder-only models can be"
              + " trained");
    }
    String type = config.text("model_type", "");
    for (ModelFamily family : FAMILIES) {
      if (family.modelTypes().contains(type)) {
        DecoderSpec spec = family.read(config);
        config.throwIfAny();
        return spec;
      }
    }
    config.problem("'model_type' is '%s'; supported types are %s".formatted(type, modelTypes()));
    config.throwIfAny();
    throw new IllegalStateException("unreachable");
  }
}
