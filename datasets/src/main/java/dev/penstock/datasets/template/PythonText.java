package dev.penstock.datasets.template;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Values as Python prints them: str and repr. */
record PythonText(Budget budget) {
  /** Python's str. */
  String of(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Markup markup) {
      return markup.text();
    }
    if (value instanceof Undefined) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    represent(value, text);
    return text.toString();
  }

  /** Python's repr. */
  String represent(Object value) {
    StringBuilder text = new StringBuilder();
    represent(value, text);
    return text.toString();
  }

  private void represent(Object value, StringBuilder text) {
    budget.enter();
    int before = text.length();
    if (value instanceof Markup markup) {
      text.append("Markup(");
      quote(markup.text(), text);
      text.append(')');
    } else if (value instanceof String string) {
      quote(string, text);
    } else if (value instanceof Boolean flag) {
      text.append(flag ? "True" : "False");
    } else if (value instanceof Double number) {
      text.append(FloatText.of(number));
    } else if (value == None.NONE) {
      text.append("None");
    } else if (value instanceof List<?> list) {
      text.append('[');
      all(list, text);
      text.append(']');
    } else if (value instanceof Tuple tuple) {
      text.append('(');
      all(tuple.items(), text);
      text.append(tuple.items().size() == 1 ? ",)" : ")");
    } else if (value instanceof Map<?, ?> map) {
      mapping(map, text);
    } else if (value instanceof Namespace namespace) {
      text.append("<Namespace ");
      mapping(namespace.attributes(), text);
      text.append('>');
    } else if (value instanceof Number number) {
      text.append(number);
    } else {
      text.append(value instanceof Undefined ? "Undefined" : "<" + Types.name(value) + ">");
    }
    budget.spend(Math.min(text.length() - before, Long.BYTES));
    budget.leave();
  }

  private void all(List<?> items, StringBuilder text) {
    String separator = "";
    for (Object item : items) {
      text.append(separator);
      represent(item, text);
      separator = ", ";
    }
  }

  private void mapping(Map<?, ?> map, StringBuilder text) {
    text.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      text.append(separator);
      represent(entry.getKey(), text);
      text.append(": ");
      represent(entry.getValue(), text);
      separator = ", ";
    }
    text.append('}');
  }

  private void quote(String string, StringBuilder text) {
    budget.spend(string.length());
    char mark = string.indexOf('\'') >= 0 && string.indexOf('"') < 0 ? '"' : '\'';
    text.append(mark);
    string
        .codePoints()
        .forEach(
            point -> {
              if (point == mark || point == '\\') {
                text.append('\\').append((char) point);
              } else if (point == '\n') {
                text.append("\\n");
              } else if (point == '\r') {
                text.append("\\r");
              } else if (point == '\t') {
                text.append("\\t");
              } else if (isPrintable(point)) {
                text.appendCodePoint(point);
              } else {
                text.append(escape(point));
              }
            });
    text.append(mark);
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  private static String escape(int point) {
    if (point <= 0xff) {
      return String.format(Locale.ROOT, "\\x%02x", point);
    }
    return String.format(Locale.ROOT, point <= 0xffff ? "\\u%04x" : "\\U%08x", point);
  }
}
