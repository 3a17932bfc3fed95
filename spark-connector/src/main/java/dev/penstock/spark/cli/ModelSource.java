package dev.penstock.spark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.hub.HubName;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * The model that a recipe names: saved weights, or a configuration with weights at random.
 *
 * @param part what is fetched of a model on a hub: all for training, its configuration for a look
 *     ahead
 * @param options are set here
 */
record ModelSource(
    Recipe recipe, NamedModels models, ModelPart part, Map<TrainerOption, Object> options) {
  private static final String PRETRAINED = "pretrained_model_name_or_path";
  private static final Set<String> NO_FIELDS =
      Set.of("_target_", PRETRAINED, "name_or_path", "revision");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Sets modelPath or modelConfig, and where the tokenizer is. */
  void apply() throws IOException {
    Optional<String> saved = named("model", PRETRAINED);
    Optional<String> configured = recipe.text("model.config").or(this::configured);
    boolean loads =
        recipe
            .value("model.load_base_model")
            .or(() -> recipe.value("checkpoint.load_base_model"))
            .map(Boolean.TRUE::equals)
            .orElse(!isFromConfig());
    Optional<String> model = saved.or(() -> configured);
    Optional<String> tokenizer = named("dataset.tokenizer", PRETRAINED).or(() -> model);
    if (tokenizer.isPresent() && part == ModelPart.MODEL) {
      options.putIfAbsent(
          TrainerOption.TOKENIZER_PATH, pinned(tokenizer.get(), ModelPart.TOKENIZER));
    }
    if (loads) {
      String weights =
          model.orElseThrow(
              () ->
                  new ConfigException(
                      "The recipe names no model. Set model.%s to its folder, or its name on a hub."
                          .formatted(PRETRAINED)));
      options.put(TrainerOption.MODEL_PATH, pinned(weights, part));
      return;
    }
    options.remove(TrainerOption.MODEL_PATH);
    ObjectNode config =
        model.isPresent()
            ? read(models.find(model.get(), ModelPart.CONFIG).folder())
            : JSON.createObjectNode();
    if (model.isEmpty()) {
      recipe
          .text("model.config._target_")
          .ifPresent(target -> config.put("model_type", type(target)));
    }
    fields().forEach((key, value) -> set(config, key, value));
    options.put(TrainerOption.MODEL_CONFIG, config.toString());
  }

  /** With the commit of a model on a hub, so that the recipe gives the same run again. */
  private String pinned(String name, ModelPart wanted) throws IOException {
    NamedModels.Found found = models.find(name, wanted);
    return found.name() == null ? name : found.name().toString();
  }

  private Optional<String> configured() {
    return named("model.config", PRETRAINED).or(() -> named("model.config", "name_or_path"));
  }

  /** What a key of a section names, at the revision that the section says. */
  private Optional<String> named(String section, String key) {
    Optional<String> name = recipe.text(section + "." + key);
    Optional<String> revision = recipe.text(section + ".revision");
    if (name.isEmpty() || revision.isEmpty()) {
      return name;
    }
    String text = name.get();
    boolean isUri = HubName.isUri(text);
    if (text.contains("@") || (!isUri && HubName.ofBare(text).isEmpty())) {
      throw new ConfigException(
          "%s.revision is %s, but %s is no name on a hub without a revision. Leave out one."
              .formatted(section, Quoted.of(revision.get()), Quoted.of(text)));
    }
    HubName named = isUri ? HubName.ofUri(text) : HubName.ofBare(text).orElseThrow();
    return Optional.of(named.at(revision.get()).toString());
  }

  private boolean isFromConfig() {
    return recipe
        .text("model._target_")
        .map(target -> target.endsWith(".from_config"))
        .orElse(recipe.text("model." + PRETRAINED).isEmpty());
  }

  /** What the recipe says of fields of config.json. */
  private Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>(recipe.section("model.config"));
    fields.keySet().removeAll(NO_FIELDS);
    return fields;
  }

  private static void set(ObjectNode config, String key, Object value) {
    String[] parts = key.split("\\.", -1);
    ObjectNode node = config;
    for (int i = 0; i < parts.length - 1; i++) {
      JsonNode below = node.get(parts[i]);
      node = below instanceof ObjectNode map ? map : node.putObject(parts[i]);
    }
    node.set(parts[parts.length - 1], JSON.valueToTree(value));
  }

  private ObjectNode read(String folder) throws IOException {
    Path path = new Path(folder, "config.json");
    try (InputStream in = path.getFileSystem(models.conf()).open(path)) {
      if (JSON.readTree(in) instanceof ObjectNode config) {
        return config;
      }
      throw new ConfigException("%s is no map. Give a folder of a model.".formatted(path));
    }
  }

  /** The model_type of a configuration class of transformers. */
  private static String type(String target) {
    String name =
        target
            .replaceFirst("\\.from_pretrained$", "")
            .replaceFirst("^.*\\.", "")
            .replace("Config", "");
    return ModelFamilies.modelTypes().stream()
        .filter(type -> type.replace("_", "").equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "model.config._target_ %s is of no family that is supported. Those are: %s."
                        .formatted(Quoted.of(target), Quoted.list(ModelFamilies.modelTypes()))));
  }
}
