package dev.penstock.spark.recipe;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of the command line that takes the place of one of the file: {@code --a.b.c value}, or
 * {@code --a.b.c=value}, or {@code --a.b.c} alone for true.
 *
 * @param path the parts of the key
 * @param text the value as it was typed
 */
record KeyOverride(List<String> path, String text) {
  /**
   * Reads arguments.
   *
   * @throws ConfigException at a word that is neither a key nor the value of one
   */
  static List<KeyOverride> parse(List<String> arguments) {
    List<KeyOverride> overrides = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      String key = argument.replaceFirst("^-+", "");
      if (!argument.startsWith("--") || key.isEmpty()) {
        throw new ConfigException(
            "%s is neither a key nor the value of one. Overrides are written --a.b.c value, or --a.b.c=value; a value with spaces needs quotes."
                .formatted(Quoted.of(argument)));
      }
      int equals = key.indexOf('=');
      if (equals >= 0) {
        overrides.add(of(key.substring(0, equals), key.substring(equals + 1)));
      } else if (i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--")) {
        overrides.add(of(key, arguments.get(++i)));
      } else {
        overrides.add(of(key, "true"));
      }
    }
    return overrides;
  }

  private static KeyOverride of(String key, String text) {
    return new KeyOverride(List.of(key.split("\\.", -1)), text);
  }

  /** Puts the value into the tree of a file; maps on the way that are not there are made. */
  @SuppressWarnings("unchecked") // the trees of YamlText have texts as keys
  void apply(Map<String, Object> tree) {
    Map<String, Object> map = tree;
    for (String part : path.subList(0, path.size() - 1)) {
      Object below = map.get(part);
      if (!(below instanceof Map)) {
        below = new LinkedHashMap<String, Object>();
        map.put(part, below);
      }
      map = (Map<String, Object>) below;
    }
    map.put(path.get(path.size() - 1), new Typed(text));
  }

  /**
   * A text of the command line, to be told from one of a file.
   *
   * @param text as it was typed
   */
  record Typed(String text) {}
}
