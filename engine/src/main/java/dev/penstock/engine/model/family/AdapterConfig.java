package dev.penstock.engine.model.family;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An {@code adapter_config.json} of peft.
 *
 * @param lora the adapters; {@code merge} is false, for the file says nothing of it
 * @param baseModel the model that they adapt, a folder or a name; null: not said
 */
public record AdapterConfig(LoraConfig lora, @Nullable String baseModel) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String BASE_MODEL = "base_model_name_or_path";
  private static final String TARGETS = "target_modules";
  private static final String INIT = "init_lora_weights";

  /** Keys that are read, and keys that change nothing about adapters that are trained. */
  private static final Set<String> KNOWN =
      Set.of(
          "peft_type",
          "peft_version",
          "task_type",
          "auto_mapping",
          BASE_MODEL,
          "revision",
          "inference_mode",
          "r",
          "lora_alpha",
          "lora_dropout",
          TARGETS,
          "exclude_modules",
          "bias",
          INIT,
          "eva_config",
          "layers_pattern",
          "megatron_core",
          "qalora_group_size");

  /** Beside true and false; others change the weights of the model too. */
  private static final List<String> INITS = List.of("gaussian", "eva", "orthogonal");

  /**
   * Reads the text.
   *
   * @param location the folder, for messages
   * @throws ConfigException listing all that is missing or not supported
   */
  public static AdapterConfig parse(String json, String location) {
    ConfigReader config = ConfigReader.parse(json, "The adapter_config.json in " + location);
    if (!config.text("peft_type", "").equals("LORA")) {
      config.unsupported("peft_type", List.of("LORA"));
      config.throwIfAny();
    }
    refuseVariants(config);
    int rank = config.positive("r");
    double alpha = config.number("lora_alpha");
    double dropout = config.number("lora_dropout", 0);
    List<String> targets = config.textOrTexts(TARGETS);
    List<String> excluded = config.textOrTexts("exclude_modules");
    if (config.isOff(TARGETS)) {
      config.problem("'%s' names no module".formatted(TARGETS));
    }
    config.throwIfAny();
    return new AdapterConfig(
        new LoraConfig(rank, alpha, dropout, targets, excluded, false),
        config.has(BASE_MODEL) ? config.text(BASE_MODEL, "") : null);
  }

  /** A key of a variant, also of one to come, is refused unless it says nothing. */
  private static void refuseVariants(ConfigReader config) {
    for (String key : config.keys()) {
      if (!KNOWN.contains(key) && !config.isOff(key)) {
        config.unsupported(key, List.of("null"));
      }
    }
    if (!config.text("bias", "none").equals("none")) {
      config.unsupported("bias", List.of("none"));
    }
    String init = config.text(INIT, "true");
    if (!init.equals("true") && !init.equals("false") && !INITS.contains(init)) {
      config.unsupported(INIT, INITS);
    }
  }

  /**
   * The text of the file.
   *
   * @param modules every adapted module of the model
   */
  public String toJson(Set<String> modules) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("peft_type", "LORA");
    json.put("task_type", "CAUSAL_LM");
    json.put(BASE_MODEL, baseModel);
    json.put("inference_mode", true);
    json.put("r", lora.rank());
    json.put("lora_alpha", lora.alpha());
    json.put("lora_dropout", lora.dropout());
    ArrayNode targets = json.putArray(TARGETS);
    targets(modules).forEach(targets::add);
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put(INIT, true);
    json.put("use_dora", false);
    json.put("use_rslora", false);
    return pretty(json);
  }

  /** The user's names where they are plain, else the names of all modules: peft reads both. */
  private Collection<String> targets(Set<String> modules) {
    boolean plain =
        lora.excludeModules().isEmpty()
            && lora.targetModules().stream().allMatch(target -> isEndOfSome(target, modules));
    return new TreeSet<>(plain ? lora.targetModules() : modules);
  }

  private static boolean isEndOfSome(String target, Set<String> modules) {
    return modules.stream()
        .anyMatch(module -> module.equals(target) || module.endsWith("." + target));
  }

  /** The text of a file with another model in it, all else as it is. */
  public static String withBaseModel(String json, String baseModel) {
    try {
      return pretty(((ObjectNode) MAPPER.readTree(json)).put(BASE_MODEL, baseModel));
    } catch (JsonProcessingException e) {
      throw new ConfigException("No adapter_config.json: " + e.getOriginalMessage(), e);
    }
  }

  private static String pretty(ObjectNode json) {
    return json.toPrettyString() + "\n";
  }
}
