package dev.penstock.datasets.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Equality and order of values, as Python has them. */
record Comparisons(Budget budget) {
  boolean holds(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> equal(left, right);
      case "!=" -> !equal(left, right);
      case "in" -> contains(right, left);
      case "not in" -> !contains(right, left);
      case "<" -> ordered(left, right) && compare(left, right) < 0;
      case "<=" -> ordered(left, right) && compare(left, right) <= 0;
      case ">" -> ordered(left, right) && compare(left, right) > 0;
      case ">=" -> ordered(left, right) && compare(left, right) >= 0;
      default -> throw new IllegalArgumentException(operator);
    };
  }

  boolean equal(Object left, Object right) {
    budget.enter();
    boolean equal = isEqual(Markup.plain(left), Markup.plain(right));
    budget.leave();
    return equal;
  }

  private boolean isEqual(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return ordered(left, right) && compareNumbers(left, right) == 0;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return allEqual(a, b);
    }
    if (left instanceof Tuple a && right instanceof Tuple b) {
      return allEqual(a.items(), b.items());
    }
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      return a.size() == b.size()
          && a.entrySet().stream()
              .allMatch(
                  entry ->
                      b.containsKey(entry.getKey())
                          && equal(entry.getValue(), b.get(entry.getKey())));
    }
    if (left instanceof Undefined) {
      return right instanceof Undefined;
    }
    if (left instanceof String text && right instanceof String) {
      budget.spend(text.length() / Long.BYTES);
      return text.equals(right);
    }
    return left == right;
  }

  private boolean allEqual(List<?> left, List<?> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!equal(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }

  boolean contains(Object container, Object value) {
    if (Markup.plain(container) instanceof String text) {
      if (!(Markup.plain(value) instanceof String part)) {
        throw Types.notA("string, so it cannot be in one", value);
      }
      budget.spend(text.length());
      return text.contains(part);
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(Keys.check(value));
    }
    for (Object item : new Iteration(budget).items(container)) {
      if (equal(item, value)) {
        return true;
      }
    }
    return false;
  }

  /** Whether two numbers have an order: NaN has none. */
  private static boolean ordered(Object left, Object right) {
    return !isNaN(left) && !isNaN(right);
  }

  private static boolean isNaN(Object value) {
    return value instanceof Double number && number.isNaN();
  }

  /** Negative, 0 or positive. */
  int compare(Object left, Object right) {
    budget.enter();
    int order = order(Markup.plain(left), Markup.plain(right));
    budget.leave();
    return order;
  }

  private int order(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return compareNumbers(left, right);
    }
    if (left instanceof String a && right instanceof String b) {
      budget.spend(Math.min(a.length(), b.length()));
      return compareTexts(a, b);
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return compareLists(a, b);
    }
    if (left instanceof Tuple a && right instanceof Tuple b) {
      return compareLists(a.items(), b.items());
    }
    for (Object value : List.of(left, right)) {
      if (value instanceof Undefined undefined) {
        throw undefined.error();
      }
    }
    throw new TemplateException(
        "'" + Types.name(left) + "' and '" + Types.name(right) + "' have no order");
  }

  private int compareLists(List<?> left, List<?> right) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      if (!equal(left.get(i), right.get(i))) {
        return compare(left.get(i), right.get(i));
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  /** By characters, where UTF-16 would put those of two units before some of one. */
  private static int compareTexts(String left, String right) {
    int differs = 0;
    int shorter = Math.min(left.length(), right.length());
    while (differs < shorter && left.charAt(differs) == right.charAt(differs)) {
      differs++;
    }
    if (differs == shorter) {
      return Integer.compare(left.length(), right.length());
    }
    char a = left.charAt(differs);
    char b = right.charAt(differs);
    boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
    return surrogates ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
  }

  static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  private static int compareNumbers(Object left, Object right) {
    if (left instanceof Long a && right instanceof Long b) {
      return Long.compare(a, b);
    }
    double a = asDouble(left);
    double b = asDouble(right);
    if (Double.isInfinite(a) || Double.isInfinite(b)) {
      return Double.compare(a, b);
    }
    return exact(left).compareTo(exact(right));
  }

  private static double asDouble(Object value) {
    return value instanceof Number number ? number.doubleValue() : 0;
  }

  private static BigDecimal exact(Object value) {
    if (value instanceof Boolean flag) {
      return flag ? BigDecimal.ONE : BigDecimal.ZERO;
    }
    if (value instanceof BigInteger number) {
      return new BigDecimal(number);
    }
    return value instanceof Long number
        ? BigDecimal.valueOf(number)
        : new BigDecimal((Double) value);
  }
}
