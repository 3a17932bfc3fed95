package dev.penstock.engine.checkpoint;

import dev.penstock.engine.config.LoraConfig;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes an {@code adapter_config.json}. */
final class PeftJson {
  private PeftJson() {}

  /**
   * The text.
   *
   * @param modules every adapted module
   */
  static String of(LoraConfig config, Set<String> modules, @Nullable String baseModel) {
    return """
    {
      "base_model_name_or_path": %s,
      "bias": "none",
      "fan_in_fan_out": false,
      "inference_mode": true,
      "init_lora_weights": true,
      "lora_alpha": %s,
      "lora_dropout": %s,
      "peft_type": "LORA",
      "r": %d,
      "target_modules": %s,
      "task_type": "CAUSAL_LM",
      "use_dora": false,
      "use_rslora": false
    }
    """
        .formatted(
            baseModel == null ? "null" : quoted(baseModel),
            config.alpha(),
            config.dropout(),
            config.rank(),
            targets(config, modules));
  }

  /** The user's names where they are plain, else the names of all modules: peft reads both. */
  private static String targets(LoraConfig config, Set<String> modules) {
    List<String> wanted = config.targetModules();
    boolean plain =
        config.excludeModules().isEmpty()
            && wanted.stream().allMatch(target -> isEndOfSome(target, modules));
    Collection<String> names = new TreeSet<>(plain ? wanted : modules);
    return names.stream().map(PeftJson::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  private static boolean isEndOfSome(String target, Set<String> modules) {
    return modules.stream()
        .anyMatch(module -> module.equals(target) || module.endsWith("." + target));
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
