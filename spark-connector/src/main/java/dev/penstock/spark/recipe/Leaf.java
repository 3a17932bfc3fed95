package dev.penstock.spark.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key of a recipe that holds a value: a number, a text, a list, nothing or an empty map.
 *
 * @param path the parts of the key; a part may itself hold dots
 * @param value with variables put in, and texts read as literals
 * @param missing a variable in the value that is neither set nor has a default; null: none
 * @param shown what may be shown of the value: secrets stay as they were written
 */
record Leaf(
    List<String> path, @Nullable Object value, @Nullable String missing, @Nullable Object shown) {
  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "(?:.*_)?(?:password|passwd|secret|apikey|api_key|access_key|auth|credentials?)"
              + "|(?:hf_|auth_|access_|api_|bearer_|session_)?token");

  /** The key as it is written on the command line. */
  String key() {
    return String.join(".", path);
  }

  /** Whether it says nothing: it is null, or a section without keys. */
  boolean isEmpty() {
    return missing == null && (value == null || (value instanceof Map<?, ?> map && map.isEmpty()));
  }

  /** All leaves of a tree, in its order. */
  static List<Leaf> of(Map<String, @Nullable Object> tree, Variables variables) {
    List<Leaf> leaves = new ArrayList<>();
    collect(List.of(), tree, variables, leaves);
    return leaves;
  }

  private static void collect(
      List<String> path, @Nullable Object value, Variables variables, List<Leaf> leaves) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      map.forEach(
          (key, below) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add((String) key);
            collect(List.copyOf(longer), below, variables, leaves);
          });
    } else if (!path.isEmpty()) {
      leaves.add(new Reading(variables).leaf(path, value));
    }
  }

  /** Reads one value, and remembers what it met on the way. */
  private static final class Reading {
    private final Variables variables;
    private @Nullable String missing;
    private boolean secret;

    Reading(Variables variables) {
      this.variables = variables;
    }

    Leaf leaf(List<String> path, @Nullable Object written) {
      Object value = read(written);
      String last = path.get(path.size() - 1).toLowerCase(Locale.ROOT);
      boolean hidden = value != null && SECRET_KEY.matcher(last).matches();
      Object shown = secret ? String.valueOf(plain(written)) : hidden ? "***" : open(value);
      return new Leaf(path, value, missing, shown);
    }

    /** The value without what addresses in it hold of secrets. */
    private static @Nullable Object open(@Nullable Object value) {
      if (value instanceof List<?> list) {
        List<@Nullable Object> open = new ArrayList<>();
        list.forEach(element -> open.add(open(element)));
        return open;
      }
      return value instanceof String text ? AddressSecrets.hide(text) : value;
    }

    private static @Nullable Object plain(@Nullable Object written) {
      return written instanceof KeyOverride.Typed typed ? typed.text() : written;
    }

    private @Nullable Object read(@Nullable Object written) {
      Object value = plain(written);
      if (value instanceof String text) {
        Variables.Replaced replaced = variables.replace(text);
        missing = missing == null ? replaced.missing() : missing;
        secret |= replaced.secret();
        return PythonLiteral.parse(replaced.text());
      }
      if (value instanceof List<?> list) {
        List<@Nullable Object> read = new ArrayList<>();
        list.forEach(element -> read.add(read(element)));
        return read;
      }
      if (value instanceof Map<?, ?> map) {
        Map<String, @Nullable Object> read = new LinkedHashMap<>();
        map.forEach((key, below) -> read.put((String) key, read(below)));
        return read;
      }
      return value;
    }
  }
}
