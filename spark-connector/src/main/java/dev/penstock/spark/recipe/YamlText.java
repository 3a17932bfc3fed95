package dev.penstock.spark.recipe;

import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * YAML 1.1 to maps, lists, texts, numbers and booleans, as PyYAML's safe loader reads it; a date
 * stays text. Size, depth and what aliases make of it are bounded before memory is taken.
 */
final class YamlText {
  /** Most characters of a recipe; those of NeMo AutoModel have a few thousand. */
  static final int MAX_LENGTH = 1 << 18;

  private static final int MAX_DEPTH = 50;
  private static final int MAX_ALIASES = 100;
  private static final int MAX_VALUES = 20_000;

  private int values;

  private YamlText() {}

  /**
   * Reads one document.
   *
   * @param source what the text is, for messages
   * @throws ConfigException if it is no YAML, no map, too large, or has tags other than YAML's own
   */
  static Map<String, @Nullable Object> read(String text, String source) {
    if (text.length() > MAX_LENGTH) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "%s has %,d characters, but a recipe may have %,d. Put data into files that the recipe names.",
              source,
              text.length(),
              MAX_LENGTH));
    }
    try {
      Object root = new Yaml(new PlainConstructor(options())).load(text);
      if (root instanceof Map<?, ?> map) {
        return new YamlText().map(map, 0);
      }
      throw new ConfigException(
          "%s is no recipe: at its top must be a map of sections, such as 'model:'."
              .formatted(source));
    } catch (YAMLException | StackOverflowError e) {
      throw new ConfigException(
          "%s is no recipe that can be read: %s".formatted(source, e.getMessage()), e);
    }
  }

  private static LoaderOptions options() {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_LENGTH);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setMaxAliasesForCollections(MAX_ALIASES);
    options.setAllowRecursiveKeys(false);
    return options;
  }

  private Map<String, @Nullable Object> map(Map<?, ?> map, int depth) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    map.forEach((key, value) -> copy.put(String.valueOf(key), value(value, depth + 1)));
    return copy;
  }

  /** A copy without aliases. */
  private @Nullable Object value(@Nullable Object value, int depth) {
    if (++values > MAX_VALUES || depth > MAX_DEPTH) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The recipe has more than %,d values or %d levels once its aliases are put in. Write out what is needed.",
              MAX_VALUES,
              MAX_DEPTH));
    }
    if (value instanceof Map<?, ?> map) {
      return map(map, depth);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>();
      list.forEach(element -> copy.add(value(element, depth + 1)));
      return copy;
    }
    return value;
  }

  private static final class PlainConstructor extends SafeConstructor {
    PlainConstructor(LoaderOptions options) {
      super(options);
      yamlConstructors.put(Tag.TIMESTAMP, new ConstructYamlStr());
      for (Tag tag : List.of(Tag.BINARY, Tag.SET, Tag.OMAP, Tag.PAIRS)) {
        yamlConstructors.put(tag, undefinedConstructor);
      }
    }
  }
}
