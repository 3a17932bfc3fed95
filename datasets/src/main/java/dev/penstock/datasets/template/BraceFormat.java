package dev.penstock.datasets.template;

import java.util.Locale;

/** Python's {@code pattern.format(values)}. */
final class BraceFormat {
  private final Access access;
  private final PythonText text;
  private final Budget budget;
  private int next;

  BraceFormat(Access access, PythonText text, Budget budget) {
    this.access = access;
    this.text = text;
    this.budget = budget;
  }

  String format(String pattern, Arguments arguments) {
    StringBuilder result = new StringBuilder();
    int position = 0;
    while (position < pattern.length()) {
      char c = pattern.charAt(position);
      boolean doubled = position + 1 < pattern.length() && pattern.charAt(position + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        result.append(c);
        position += 2;
      } else if (c == '{') {
        int end = fieldEnd(pattern, position + 1);
        String piece = field(pattern.substring(position + 1, end), arguments);
        budget.spend(piece.length());
        result.append(piece);
        position = end + 1;
      } else if (c == '}') {
        throw new TemplateException("'" + pattern + "' has a single }");
      } else {
        result.append(c);
        position++;
      }
      budget.step();
    }
    return result.toString();
  }

  private static int fieldEnd(String pattern, int from) {
    int depth = 1;
    for (int i = from; i < pattern.length(); i++) {
      if (pattern.charAt(i) == '{') {
        depth++;
      } else if (pattern.charAt(i) == '}' && --depth == 0) {
        return i;
      }
    }
    throw new TemplateException("'" + pattern + "' has a single {");
  }

  private String field(String field, Arguments arguments) {
    budget.enter();
    int colon = field.indexOf(':');
    String name = colon < 0 ? field : field.substring(0, colon);
    char conversion = ' ';
    if (name.length() > 1 && name.charAt(name.length() - 2) == '!') {
      conversion = name.charAt(name.length() - 1);
      name = name.substring(0, name.length() - 2);
    }
    Object value = value(name, arguments);
    if (conversion != ' ') {
      value = conversion == 's' ? text.of(value) : text.represent(value);
    }
    String spec = colon < 0 ? "" : format(field.substring(colon + 1), arguments);
    budget.leave();
    if (spec.isEmpty()) {
      return text.of(value);
    }
    boolean number = Comparisons.isNumber(value);
    if (!number && !(value instanceof String)) {
      throw Types.notA("value that the format '" + spec + "' is for", value);
    }
    return FormatSpec.parse(spec, number).format(value, budget);
  }

  private Object value(String name, Arguments arguments) {
    int end = 0;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    Object value = first(name.substring(0, end), arguments);
    while (end < name.length()) {
      int begin = end + 1;
      boolean item = name.charAt(end) == '[';
      end = begin;
      while (end < name.length()
          && (item ? name.charAt(end) != ']' : ".[".indexOf(name.charAt(end)) < 0)) {
        end++;
      }
      String key = name.substring(begin, end);
      value =
          item
              ? access.item(value, isNumber(key) ? (Object) Long.valueOf(key) : key)
              : access.attribute(value, key);
      end += item ? 1 : 0;
    }
    return value;
  }

  private Object first(String name, Arguments arguments) {
    if (name.isEmpty() || isNumber(name)) {
      int index = name.isEmpty() ? next++ : Integer.parseInt(name);
      if (index < arguments.positional().size()) {
        return arguments.positional().get(index);
      }
    } else if (arguments.named().containsKey(name)) {
      return arguments.named().get(name);
    }
    throw new TemplateException(
        String.format(Locale.ROOT, "the format has no value for '%s'", name));
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.length() < 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
