package dev.penstock.spark.recipe;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.params.TrainerOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A recipe, and what became of each of its keys: every key is in exactly one of the first four
 * maps.
 *
 * @param used keys that something reads, or that the run is like, with their values; secrets are
 *     not shown
 * @param withoutMeaning keys without which the run is the same, with why
 * @param refused keys that the run cannot be like, with why and what to do instead
 * @param unknown keys that nobody knows, with the nearest that is known
 * @param options what the recipe says of options, with the defaults of recipes
 * @param values all values by key, secrets too: for those who read them, not to be shown
 */
public record Recipe(
    Map<String, @Nullable Object> used,
    Map<String, String> withoutMeaning,
    Map<String, String> refused,
    Map<String, String> unknown,
    Map<TrainerOption, Object> options,
    Map<String, @Nullable Object> values) {
  private static final int MAX_SHOWN = 12;

  /** Whether a run can be made of it. */
  public boolean isRunnable() {
    return refused.isEmpty() && unknown.isEmpty();
  }

  /**
   * Refuses a recipe that no run can be made of.
   *
   * @throws ConfigException that names all that is wrong with it
   */
  public void check() {
    if (isRunnable()) {
      return;
    }
    List<String> problems = new ArrayList<>();
    refused.forEach((key, why) -> problems.add(Quoted.plain(key) + ": " + why));
    unknown.forEach(
        (key, nearest) ->
            problems.add(
                nearest.equals(key)
                    ? key + ": in one word, which is no key. Write each part below the one before."
                    : "%s: no such key; %s is.".formatted(Quoted.plain(key), nearest)));
    List<String> shown = problems.subList(0, Math.min(MAX_SHOWN, problems.size()));
    throw new ConfigException(
        "The recipe cannot be run:\n- %s%s"
            .formatted(
                String.join("\n- ", shown),
                shown.size() < problems.size()
                    ? "\nand more; penstock resolve lists all " + problems.size() + "."
                    : ""));
  }

  /** The value of a key that is used; nothing if it is left out or null. */
  public Optional<Object> value(String key) {
    return used.containsKey(key) ? Optional.ofNullable(values.get(key)) : Optional.empty();
  }

  /** The same as text. */
  public Optional<String> text(String key) {
    return value(key).map(String::valueOf);
  }

  /**
   * The keys in use below a section, with their values: {@code config.vocab_size} of {@code model}.
   */
  public Map<String, Object> section(String name) {
    Map<String, Object> section = new LinkedHashMap<>();
    for (String key : used.keySet()) {
      Object value = values.get(key);
      if (key.startsWith(name + ".") && value != null) {
        section.put(key.substring(name.length() + 1), value);
      }
    }
    return section;
  }
}
