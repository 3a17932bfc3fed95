package dev.penstock.engine.model.family;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads any supported {@code config.json}. */
public final class ModelFamilies {
  private static final List<ModelFamily> FAMILIES =
      List.of(
          new LlamaFamily(),
          new MistralFamily(),
          new Qwen2Family(),
          new Qwen3Family(),
          new GemmaFamily(),
          new Gemma2Family(),
          new Gemma3Family(),
          new Phi3Family(),
          new Olmo2Family(),
          new SmolLm3Family(),
          new GraniteFamily(),
          new MixtralFamily(),
          new Qwen3MoeFamily());

  private static final String SUBJECT = "The model config";

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
    ConfigReader config = ConfigReader.parse(configJson, SUBJECT);
    CommonKeys.refuse(config);
    String type = config.text("model_type", "");
    Optional<ModelFamily> family = find(type);
    if (family.isEmpty()) {
      config.unsupported("model_type", modelTypes());
    }
    DecoderSpec spec = family.map(known -> read(known, config)).orElse(null);
    config.throwIfAny();
    return requireNonNull(spec, "spec is null");
  }

  private static DecoderSpec read(ModelFamily family, ConfigReader config) {
    DecoderSpec spec = family.read(config);
    CommonKeys.checkLayerTypes(config, spec);
    CommonKeys.refuseUnread(config);
    return spec;
  }

  /** The text of a config that ties the head to the embedding, made to say that it does not. */
  public static String untied(String configJson) {
    return HubJson.pretty(HubJson.parse(configJson, SUBJECT).put("tie_word_embeddings", false));
  }

  /**
   * The class of transformers that a config.json names under {@code architectures}; empty for a
   * type that is not supported.
   *
   * @param modelType the {@code model_type}
   */
  public static Optional<String> architecture(String modelType) {
    return find(modelType).map(ModelFamily::architecture);
  }

  private static Optional<ModelFamily> find(String modelType) {
    return FAMILIES.stream().filter(family -> family.modelTypes().contains(modelType)).findFirst();
  }
}
