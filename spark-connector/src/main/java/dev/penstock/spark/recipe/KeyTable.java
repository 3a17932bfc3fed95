package dev.penstock.spark.recipe;

import static java.util.Objects.requireNonNull;

import dev.penstock.spark.params.TrainerOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The lines of {@code keys.txt}: what is known of keys beyond the options that they set. */
final class KeyTable {
  private static final KeyTable TABLE = new KeyTable(load());

  private final List<KeyRule> rules;

  private KeyTable(List<KeyRule> rules) {
    this.rules = rules;
  }

  static KeyTable get() {
    return TABLE;
  }

  List<KeyRule> rules() {
    return rules;
  }

  /** The first line that fits a key by any of its names. */
  Optional<KeyRule> find(Leaf leaf, Function<String, @Nullable Object> recipe) {
    List<String> canonical = KeyNames.canonical(leaf.path());
    boolean known = isKnown(leaf.path()) || isKnown(canonical);
    return rules.stream()
        .filter(rule -> known || !rule.isOfWholeSection())
        .filter(rule -> rule.fits(leaf, leaf.path(), recipe) || rule.fits(leaf, canonical, recipe))
        .findFirst();
  }

  /** Whether a key is known by itself: a section that is off does not hide a misspelt key in it. */
  private boolean isKnown(List<String> path) {
    return !KeyNames.options(path).isEmpty()
        || rules.stream().anyMatch(rule -> !rule.isOfWholeSection() && rule.keys().matches(path));
  }

  /** Whether a key has keys below it, and no value of its own. */
  boolean isSection(List<String> path) {
    String below = String.join(".", path) + ".";
    return KeyNames.options(path).isEmpty()
        && (rules.stream().anyMatch(rule -> rule.keys().reachesBelow(path))
            || Arrays.stream(TrainerOption.values())
                .anyMatch(option -> option.recipeKey().startsWith(below)));
  }

  /** Every key that is spelled out, by itself and, of options, by the names of their Params. */
  SortedMap<String, String> keysByName() {
    SortedMap<String, String> keys = new TreeMap<>();
    for (KeyRule rule : rules) {
      rule.keys().spelledOut().forEach(key -> keys.put(key, key));
    }
    for (TrainerOption option : TrainerOption.values()) {
      keys.put(option.recipeKey(), option.recipeKey());
      keys.put(option.name().toLowerCase(Locale.ROOT), option.recipeKey());
    }
    return keys;
  }

  private static List<KeyRule> load() {
    List<KeyRule> rules = new ArrayList<>();
    try (InputStream in =
        requireNonNull(KeyTable.class.getResourceAsStream("keys.txt"), "keys.txt is missing")) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .forEach(line -> rules.add(KeyRule.parse(line)));
      return rules;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
