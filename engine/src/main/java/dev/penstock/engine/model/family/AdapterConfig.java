package dev.penstock.engine.model.family;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.ModuleSelection;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An {@code adapter_config.json} of peft.
 *
 * @param lora the adapters; {@code merge} is false, for the file says nothing of it
 * @param baseModel the model that they adapt, a folder or a name; null: not said
 * @param revision that of the name; null: not said
 */
public record AdapterConfig(
    LoraConfig lora, @Nullable String baseModel, @Nullable String revision) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static final String BASE_MODEL = "base_model_name_or_path";
  static final String REVISION = "revision";
  static final String RANK = "r";
  static final String ALPHA = "lora_alpha";
  static final String DROPOUT = "lora_dropout";
  static final String TARGETS = "target_modules";
  static final String INIT = "init_lora_weights";
  private static final String TRANSPOSED = "fan_in_fan_out";

  /**
   * Reads the text.
   *
   * @param location the folder, for messages
   * @throws ConfigException listing all that is missing or not supported
   */
  public static AdapterConfig parse(String json, String location) {
    return AdapterConfigReader.read(json, "The adapter_config.json in " + location);
  }

  /**
   * The text of the file. One that was read is written again, but for what changed.
   *
   * @param modules every adapted module of the model
   */
  public String toJson(Set<String> modules) {
    String source = lora.options().source();
    ObjectNode json = source == null ? plain() : parse(source);
    json.put(BASE_MODEL, baseModel);
    if (revision != null || json.has(REVISION)) {
      json.put(REVISION, revision);
    }
    json.put("inference_mode", true);
    json.put(RANK, lora.rank());
    putAlpha(json);
    json.put(DROPOUT, lora.dropout());
    json.put(TRANSPOSED, false); // what peft makes of it for linear modules
    if (source == null) {
      put(json.putArray(TARGETS), targets(modules));
    } else if (lora.targetModules().isAllLinear()) {
      Set<String> ends = new TreeSet<>();
      modules.forEach(module -> ends.add(module.substring(module.lastIndexOf('.') + 1)));
      put(json.putArray(TARGETS), ends);
    }
    return pretty(json);
  }

  /** Whole numbers as peft's own files have them. */
  private void putAlpha(ObjectNode json) {
    double alpha = lora.alpha();
    if (alpha == (int) alpha) {
      json.put(ALPHA, (int) alpha);
    } else {
      json.put(ALPHA, alpha);
    }
  }

  private static void put(ArrayNode array, Collection<String> texts) {
    texts.forEach(array::add);
  }

  private static ObjectNode plain() {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("peft_type", "LORA");
    json.put("task_type", "CAUSAL_LM");
    json.put("bias", "none");
    json.put(INIT, true);
    json.put("use_dora", false);
    json.put("use_rslora", false);
    return json;
  }

  /** The user's names where they are plain, else the names of all modules: peft reads both. */
  private Collection<String> targets(Set<String> modules) {
    boolean plain =
        lora.excludeModules().isEmpty()
            && lora.targetModules().texts().stream()
                .allMatch(
                    target -> modules.stream().anyMatch(m -> ModuleSelection.isNameOf(target, m)));
    return new TreeSet<>(plain ? lora.targetModules().texts() : modules);
  }

  /** The text of a file with the folder of another model in it, all else as it is. */
  public static String withBaseModel(String json, String baseModel) {
    ObjectNode config = parse(json).put(BASE_MODEL, baseModel);
    if (config.has(REVISION)) {
      config.putNull(REVISION);
    }
    return pretty(config);
  }

  private static ObjectNode parse(String json) {
    try {
      return (ObjectNode) MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new ConfigException("No adapter_config.json: " + e.getOriginalMessage(), e);
    }
  }

  private static String pretty(ObjectNode json) {
    return json.toPrettyString() + "\n";
  }
}
