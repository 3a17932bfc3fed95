package dev.penstock.spark.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.spark.params.TrainerOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * A recipe with everything that was worked out written out: reading it gives the same run. Secrets
 * are not in it: what a variable holds stays the variable, others have to be given again.
 */
public final class ResolvedRecipe {
  private static final String AUTO_MODEL = "nemo_automodel.NeMoAutoModelForCausalLM.";
  private static final double SECONDS_PER_MINUTE = 60;

  private final Map<String, Object> tree = new LinkedHashMap<>();

  /** What stands in place of values that are not shown. */
  private final Map<String, String> secrets;

  private ResolvedRecipe(Map<String, String> secrets) {
    this.secrets = secrets;
  }

  /**
   * The text of the recipe.
   *
   * @param recipe what it was read from: the sections of data are taken over
   * @param options all that are set
   */
  public static String of(Recipe recipe, Map<TrainerOption, Object> options) {
    ResolvedRecipe resolved = new ResolvedRecipe(secrets(recipe));
    resolved.put("step_scheduler.num_epochs", null);
    resolved.put("step_scheduler.ckpt_every_steps", null);
    resolved.put("lr_scheduler.lr_decay_style", TrainerOption.LR_DECAY_STYLE.defaultValue());
    resolved.put("checkpoint.enabled", options.containsKey(TrainerOption.CHECKPOINT_PATH));
    boolean random = options.containsKey(TrainerOption.MODEL_CONFIG);
    resolved.put("model._target_", AUTO_MODEL + (random ? "from_config" : "from_pretrained"));
    options.forEach(resolved::putOption);
    for (String section : List.of("dataset", "validation_dataset")) {
      recipe
          .section(section)
          .forEach(
              (key, value) ->
                  resolved.put(section + "." + key, recipe.used().get(section + "." + key)));
    }
    DumperOptions style = new DumperOptions();
    style.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    return new Yaml(style).dump(resolved.tree);
  }

  private void putOption(TrainerOption option, Object value) {
    switch (option) {
      case BETA1 -> put(option.recipeKey(), List.of(value, TrainerOption.BETA2.defaultValue()));
      case BETA2 -> putSecondBeta(value);
      case STEP_TIMEOUT ->
          put(option.recipeKey(), ((Number) value).doubleValue() / SECONDS_PER_MINUTE);
      case RECOMPUTE -> put(option.recipeKey(), value.equals("none") ? (Object) false : value);
      case MODEL_CONFIG -> put(option.recipeKey(), config((String) value));
      default -> put(option.recipeKey(), open(value));
    }
  }

  private static Map<String, String> secrets(Recipe recipe) {
    Map<String, String> secrets = new LinkedHashMap<>();
    recipe
        .used()
        .forEach(
            (key, shown) -> {
              Object value = recipe.values().get(key);
              if (value instanceof String text && shown != null && !text.equals(shown)) {
                secrets.put(text, shown.toString());
              }
            });
    return secrets;
  }

  /** As it may be written; what was worked out from a secret too, as a folder below it. */
  private Object open(Object value) {
    if (value instanceof String[] texts) {
      return Arrays.stream(texts).map(this::open).toList();
    }
    if (!(value instanceof String text)) {
      return value;
    }
    String open = text;
    for (Map.Entry<String, String> secret : secrets.entrySet()) {
      open = open.replace(secret.getKey(), secret.getValue());
    }
    return AddressSecrets.hide(open);
  }

  private void putSecondBeta(Object value) {
    Object first =
        tree.get("optimizer") instanceof Map<?, ?> section
                && section.get("betas") instanceof List<?> betas
            ? betas.get(0)
            : TrainerOption.BETA1.defaultValue();
    put(TrainerOption.BETA2.recipeKey(), List.of(first, value));
  }

  private static Map<?, ?> config(String json) {
    try {
      return new ObjectMapper().readValue(json, Map.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("modelConfig is no JSON", e);
    }
  }

  @SuppressWarnings("unchecked") // what is put here
  private void put(String key, @Nullable Object value) {
    String[] parts = key.split("\\.", -1);
    Map<String, Object> map = tree;
    for (int i = 0; i < parts.length - 1; i++) {
      map = (Map<String, Object>) map.computeIfAbsent(parts[i], part -> new LinkedHashMap<>());
    }
    map.put(parts[parts.length - 1], value);
  }
}
