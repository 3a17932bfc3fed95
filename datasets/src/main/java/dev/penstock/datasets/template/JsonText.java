package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as Python's json.dumps writes them. */
final class JsonText {
  private final boolean ascii;
  private final @Nullable String indent;
  private final String between;
  private final String behindKey;
  private final boolean sorted;
  private final Filters all;
  private final StringBuilder json = new StringBuilder();

  /**
   * @param ascii whether other characters are escaped
   * @param indent of one level; null: all in one line
   * @param sorted whether objects are sorted by their keys
   */
  JsonText(
      boolean ascii,
      @Nullable String indent,
      String between,
      String behindKey,
      boolean sorted,
      Filters all) {
    this.ascii = ascii;
    this.indent = indent;
    this.between = between;
    this.behindKey = behindKey;
    this.sorted = sorted;
    this.all = all;
  }

  /** The text of a value, once. */
  String of(Object value) {
    write(value, 0);
    return json.toString();
  }

  private void write(Object anyValue, int depth) {
    all.budget().enter();
    Object value = Markup.plain(anyValue);
    if (value instanceof String text) {
      quote(text);
    } else if (value instanceof Boolean || value instanceof Number || value == None.NONE) {
      all.budget().spend(Long.BYTES);
      json.append(scalar(value));
    } else if (value instanceof List<?> list) {
      array(list, depth);
    } else if (value instanceof Tuple tuple) {
      array(tuple.items(), depth);
    } else if (value instanceof Map<?, ?> map) {
      object(map, depth);
    } else {
      throw Types.notA("value that JSON can hold", value);
    }
    all.budget().leave();
  }

  private static String scalar(Object value) {
    if (value instanceof Double number) {
      if (number.isNaN()) {
        return "NaN";
      }
      if (number.isInfinite()) {
        return number > 0 ? "Infinity" : "-Infinity";
      }
      return FloatText.of(number);
    }
    return value == None.NONE ? "null" : value.toString();
  }

  private void array(List<?> items, int depth) {
    if (items.isEmpty()) {
      json.append("[]");
      return;
    }
    json.append('[');
    for (int i = 0; i < items.size(); i++) {
      json.append(i == 0 ? "" : between);
      newLine(depth + 1);
      write(items.get(i), depth + 1);
    }
    newLine(depth);
    json.append(']');
  }

  private void object(Map<?, ?> map, int depth) {
    if (map.isEmpty()) {
      json.append("{}");
      return;
    }
    List<Object> keys = new ArrayList<>(map.keySet());
    if (sorted) {
      keys.sort(all.evaluator().comparisons()::compare);
    }
    json.append('{');
    for (int i = 0; i < keys.size(); i++) {
      Object key = keys.get(i);
      json.append(i == 0 ? "" : between);
      newLine(depth + 1);
      quote(key instanceof String text ? text : scalar(key));
      json.append(behindKey);
      write(map.get(key), depth + 1);
    }
    newLine(depth);
    json.append('}');
  }

  private void newLine(int depth) {
    if (indent != null) {
      all.budget().spend((long) depth * indent.length());
      json.append('\n').append(indent.repeat(depth));
    }
  }

  private void quote(String text) {
    all.budget().spend(text.length());
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
