package dev.penstock.datasets.template;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code pattern % values}. */
record PercentFormat(Budget budget, PythonText text) {
  private static final Pattern FIELD =
      Pattern.compile(
          "%(?:\\((?<key>[^)]*)\\))?(?<flags>[-+ 0#]*)(?<width>[0-9]*)"
              + "(?:\\.(?<precision>[0-9]*))?[hlL]?(?<type>.)",
          Pattern.DOTALL);

  String format(String pattern, Object values) {
    List<Object> positional = values instanceof Tuple tuple ? tuple.items() : List.of(values);
    StringBuilder result = new StringBuilder();
    Matcher field = FIELD.matcher(pattern);
    int next = 0;
    int end = 0;
    while (field.find()) {
      result.append(pattern, end, field.start());
      end = field.end();
      if (field.group("type").equals("%")) {
        result.append('%');
        continue;
      }
      Object value;
      if (field.group("key") != null) {
        value = keyed(values, field.group("key"));
      } else if (next < positional.size()) {
        value = positional.get(next++);
      } else {
        throw new TemplateException("there are fewer values than '" + pattern + "' has places");
      }
      String piece = piece(field, value);
      budget.spend(piece.length());
      result.append(piece);
    }
    if (next < positional.size() && !(values instanceof Map<?, ?>)) {
      throw new TemplateException("there are more values than '" + pattern + "' has places");
    }
    budget.spend(pattern.length());
    return result.append(pattern.substring(end)).toString();
  }

  private static Object keyed(Object values, String key) {
    Object found = values instanceof Map<?, ?> map ? map.get(key) : null;
    if (found != null) {
      return found;
    }
    throw new TemplateException("the format has no value for '" + key + "'");
  }

  private String piece(Matcher field, Object value) {
    char type = field.group("type").charAt(0);
    String flags = field.group("flags");
    boolean left = flags.contains("-");
    String precision = field.group("precision");
    FormatSpec spec =
        new FormatSpec(
            flags.contains("0") && !left && "srac".indexOf(type) < 0 ? "0" : " ",
            left ? '<' : flags.contains("0") && "srac".indexOf(type) < 0 ? '=' : '>',
            flags.contains("+") ? '+' : flags.contains(" ") ? ' ' : '-',
            flags.contains("#"),
            FormatSpec.bounded(field.group("width"), 0),
            ' ',
            precision == null ? -1 : FormatSpec.bounded(precision, 0),
            's');
    return switch (type) {
      case 's' -> spec.format(text.of(value), budget);
      case 'r', 'a' -> spec.format(text.represent(value), budget);
      case 'c' ->
          spec.format(
              value instanceof Long c ? Character.toString(c.intValue()) : text.of(value), budget);
      case 'd', 'i', 'u' -> spec.of('d').format(whole(value), budget);
      case 'x', 'X', 'o' -> spec.of(type).format(whole(value), budget);
      case 'e', 'E', 'f', 'F', 'g', 'G' -> spec.of(type).format(number(value), budget);
      default -> throw new TemplateException("a format has no type '" + type + "'");
    };
  }

  private static Object whole(Object value) {
    return number(value) instanceof Double number
        ? new BigDecimal(number).toBigInteger()
        : number(value);
  }

  private static Object number(Object value) {
    if (!Comparisons.isNumber(value)) {
      throw Types.notA("number", value);
    }
    return value;
  }
}
