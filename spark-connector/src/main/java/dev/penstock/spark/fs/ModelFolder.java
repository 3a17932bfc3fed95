package dev.penstock.spark.fs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.model.family.AdapterConfig;
import dev.penstock.engine.model.family.HubJson;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.safetensors.SafetensorsIndex;
import dev.penstock.spark.hub.HubName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * A Hugging Face model folder on any Hadoop file system, or one of adapters: all files of it but
 * the weights.
 */
public final class ModelFolder {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String CONFIG = "config.json";
  static final String GENERATION_CONFIG = "generation_config.json";
  private static final List<String> SPECIAL_TOKEN_IDS =
      List.of("bos_token_id", "eos_token_id", "pad_token_id");

  private final HadoopFolder folder;

  private ModelFolder(HadoopFolder folder) {
    this.folder = folder;
  }

  public static ModelFolder of(String folder, Configuration conf) throws IOException {
    return new ModelFolder(HadoopFolder.of(folder, conf));
  }

  /** Text of config.json. */
  public String readConfig() throws IOException {
    try {
      return folder.readText(CONFIG);
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "There is no %s in %s. Set modelPath to a Hugging Face model folder."
              .formatted(CONFIG, folder.location()),
          e);
    }
  }

  /** The first end-of-text token that a config.json names. */
  public static OptionalInt eosTokenId(String configJson) {
    JsonNode id = parse(configJson).path("eos_token_id");
    JsonNode first = id.isArray() ? id.path(0) : id;
    return first.isInt() ? OptionalInt.of(first.intValue()) : OptionalInt.empty();
  }

  /** Text of generation_config.json, or null. */
  public @Nullable String readGenerationConfig() throws IOException {
    return folder.exists(GENERATION_CONFIG) ? folder.readText(GENERATION_CONFIG) : null;
  }

  /**
   * Writes what belongs to the weights that the ranks wrote.
   *
   * @param configJson the model's config.json as it was given
   * @param generationConfig that of the model the training started from; null: made from the config
   * @param dtype element type of the weights
   */
  public void complete(
      String configJson,
      @Nullable String generationConfig,
      TokenizerFiles tokenizer,
      String dtype,
      SavedWeights weights)
      throws IOException {
    ObjectNode config = parse(configJson);
    if (!weights.isSingleFile()) {
      folder.write(SafetensorsIndex.FILE_NAME, weights.index().toBytes());
    }
    TokenizerFolder.write(tokenizer, folder);
    folder.write(
        GENERATION_CONFIG,
        generationConfig == null
            ? generationConfig(config)
            : generationConfig.getBytes(StandardCharsets.UTF_8));
    folder.write(CONFIG, pretty(withDtype(withArchitectures(config), dtype)));
  }

  /**
   * Writes what belongs to the adapters that a rank wrote, so that peft opens them.
   *
   * @param lora what they are
   * @param modules every module that has one
   * @param baseModel the folder of the model that they adapt
   * @param baseName what that model is called on a hub, by which it is then named; null: by its
   *     folder
   */
  public void completeAdapters(
      LoraConfig lora,
      Set<String> modules,
      HadoopFolder baseModel,
      @Nullable HubName baseName,
      TokenizerFiles tokenizer)
      throws IOException {
    TokenizerFolder.write(tokenizer, folder);
    AdapterConfig config =
        baseName == null
            ? new AdapterConfig(lora, folder.nameOf(baseModel), null)
            : new AdapterConfig(lora, baseName.id(), baseName.revision());
    String json = config.toJson(modules);
    folder.write(AdapterFolder.CONFIG, json.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Copies all files into another folder; adapters find their model from there too.
   *
   * @param large where files that are expensive to move are written at once; may be {@code target}
   * @return the model of the adapters, if it has to be named: it is on another file system than
   *     they are now
   */
  public static Optional<String> copy(HadoopFolder source, HadoopFolder target, HadoopFolder large)
      throws IOException {
    List<String> names = new ArrayList<>(source.list());
    names.addAll(TokenizerFolder.additionalTemplates(source));
    for (String name : names) {
      HadoopFolder to = isLarge(name) ? large : target;
      source.copyTo(to, name);
      if (to.length(name) != source.length(name)) {
        throw new IOException(
            "%s/%s changed while it was copied.".formatted(source.location(), name));
      }
    }
    if (!source.exists(AdapterFolder.CONFIG)) {
      return Optional.empty();
    }
    String baseModel = ModelPaths.adapterConfig(source).baseModel();
    HadoopFolder base = baseModel == null ? null : ModelPaths.existing(source, baseModel);
    if (base != null) {
      String json = source.readText(AdapterFolder.CONFIG);
      String moved = AdapterConfig.withBaseModel(json, target.nameOf(base));
      target.write(AdapterFolder.CONFIG, moved.getBytes(StandardCharsets.UTF_8));
    }
    return Optional.ofNullable(base)
        .map(HadoopFolder::location)
        .filter(location -> target.named(location) == null);
  }

  /** Whether a file of a model may be too large to be copied twice. */
  public static boolean isLarge(String name) {
    return name.endsWith(".safetensors");
  }

  /** With the class that transformers and others open the model by, where none is named. */
  private static ObjectNode withArchitectures(ObjectNode config) {
    if (!config.path("architectures").isArray() || config.path("architectures").isEmpty()) {
      ModelFamilies.architecture(config.path("model_type").asText())
          .ifPresent(name -> config.putArray("architectures").add(name));
    }
    return config;
  }

  /** The dtype that is saved, whatever the configuration said it was. */
  private static ObjectNode withDtype(ObjectNode config, String dtype) {
    if (config.has("torch_dtype")) {
      config.put("torch_dtype", dtype);
    }
    return config.put("dtype", dtype);
  }

  private static byte[] generationConfig(ObjectNode config) {
    ObjectNode generation = JSON.createObjectNode();
    generation.put("_from_model_config", true);
    for (String name : SPECIAL_TOKEN_IDS) {
      JsonNode id = config.get(name);
      if (id != null && !id.isNull()) {
        generation.set(name, id);
      }
    }
    return pretty(generation);
  }

  private static ObjectNode parse(String configJson) {
    return HubJson.parse(configJson, "The model's configuration");
  }

  private static byte[] pretty(ObjectNode json) {
    return HubJson.pretty(json).getBytes(StandardCharsets.UTF_8);
  }
}
