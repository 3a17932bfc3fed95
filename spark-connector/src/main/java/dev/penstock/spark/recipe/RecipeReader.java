package dev.penstock.spark.recipe;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.params.TrainerOption;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a recipe and accounts for every key of it. */
public final class RecipeReader {
  private final Map<String, @Nullable Object> used = new LinkedHashMap<>();
  private final Map<String, String> withoutMeaning = new LinkedHashMap<>();
  private final Map<String, String> refused = new LinkedHashMap<>();
  private final Map<String, String> unknown = new LinkedHashMap<>();
  private final Map<TrainerOption, Object> options = new EnumMap<>(TrainerOption.class);
  private final Map<String, @Nullable Object> written = new HashMap<>();
  private final Map<String, @Nullable Object> values = new HashMap<>();

  private RecipeReader() {}

  /**
   * Reads a recipe.
   *
   * @param text YAML
   * @param source where it is from, for messages
   * @param overrides words of the command line such as {@code --a.b.c value}
   * @param environment environment variables by name; null: not set
   * @throws ConfigException if the text is no YAML or the words are no overrides; what is wrong
   *     with keys is in the recipe
   */
  public static Recipe read(
      String text,
      String source,
      List<String> overrides,
      Function<String, @Nullable String> environment) {
    Map<String, @Nullable Object> tree = YamlText.read(text, source);
    KeyOverride.parse(overrides).forEach(override -> override.apply(tree));
    return new RecipeReader().read(Leaf.of(tree, new Variables(environment)));
  }

  private Recipe read(List<Leaf> leaves) {
    leaves.forEach(leaf -> written.put(leaf.key(), leaf.value()));
    values.putAll(written);
    for (Leaf leaf : leaves) {
      values.putIfAbsent(String.join(".", KeyNames.canonical(leaf.path())), leaf.value());
    }
    leaves.forEach(this::account);
    new RecipeChecks(values, options).problems().forEach(this::refuse);
    new RecipeDefaults(values, options).apply();
    return new Recipe(used, withoutMeaning, refused, unknown, options, values);
  }

  private void refuse(String key, String why) {
    if (used.containsKey(key)) {
      used.remove(key);
      refused.put(key, why);
    }
  }

  private void account(Leaf leaf) {
    Optional<KeyRule> rule = KeyTable.get().find(leaf, this::valueOf);
    KeyRule.Verdict verdict = rule.map(KeyRule::verdict).orElse(KeyRule.Verdict.OPTION);
    String why = rule.map(KeyRule::why).orElse("");
    if (verdict != KeyRule.Verdict.WITHOUT && leaf.isEmpty() && isSection(leaf)) {
      use(leaf, List.of()); // a section that is taken away
      return;
    }
    switch (verdict) {
      case WITHOUT -> withoutMeaning.put(leaf.key(), why);
      case REFUSED -> refused.put(leaf.key(), why);
      case USED -> use(leaf, List.of());
      case OPTION -> {
        List<TrainerOption> taking = KeyNames.options(leaf.path());
        if (!taking.isEmpty()) {
          use(leaf, taking);
        } else if (isSection(leaf)) {
          refused.put(
              leaf.key(),
              "It is %s, but must be a section with keys below it, or none."
                  .formatted(Quoted.plain(leaf.shown())));
        } else {
          unknown.put(leaf.key(), KeyNames.nearest(leaf.key(), KeyTable.get().keysByName()));
        }
      }
    }
  }

  private static boolean isSection(Leaf leaf) {
    return KeyTable.get().isSection(leaf.path());
  }

  private void use(Leaf leaf, List<TrainerOption> taking) {
    if (leaf.missing() != null) {
      refused.put(
          leaf.key(),
          "The environment variable %s is not set. Set it, or write ${NAME,default}."
              .formatted(Quoted.plain(leaf.missing())));
      return;
    }
    try {
      for (TrainerOption option : taking) {
        Object value = OptionValue.of(option, leaf.value());
        if (value != null) {
          options.put(option, value);
        }
      }
      used.put(leaf.key(), leaf.shown());
    } catch (ConfigException e) {
      refused.put(leaf.key(), e.getMessage());
    }
  }

  /**
   * The value of a key, or of its {@code _target_}; a section that is there is {@code present}. Of
   * sections it counts how they are written, not what they are called today.
   */
  private @Nullable Object valueOf(String key) {
    Object value = values.get(key);
    if (value == null) {
      value = written.get(key + "._target_");
    }
    if (value == null && written.keySet().stream().anyMatch(k -> k.startsWith(key + "."))) {
      return "present";
    }
    return value;
  }
}
