package dev.penstock.datasets.template;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What follows {@code is}. */
record Tests(Comparisons comparisons) {
  private static final Map<String, String> OPERATORS =
      Map.ofEntries(
          Map.entry("eq", "=="),
          Map.entry("equalto", "=="),
          Map.entry("==", "=="),
          Map.entry("ne", "!="),
          Map.entry("!=", "!="),
          Map.entry("lt", "<"),
          Map.entry("lessthan", "<"),
          Map.entry("<", "<"),
          Map.entry("le", "<="),
          Map.entry("<=", "<="),
          Map.entry("gt", ">"),
          Map.entry("greaterthan", ">"),
          Map.entry(">", ">"),
          Map.entry("ge", ">="),
          Map.entry(">=", ">="),
          Map.entry("in", "in"));

  private static final Set<String> WITHOUT_ARGUMENT =
      Set.of(
          "defined",
          "undefined",
          "none",
          "boolean",
          "true",
          "false",
          "integer",
          "float",
          "number",
          "string",
          "mapping",
          "sequence",
          "iterable",
          "callable",
          "odd",
          "even",
          "lower",
          "upper",
          "escaped");

  boolean test(String name, Object anyValue, Arguments arguments) {
    Object value = Markup.plain(anyValue);
    String operator = OPERATORS.get(name);
    if (operator != null) {
      return comparisons.holds(operator, value, arguments.bind(name, 1, "other").value(0));
    }
    if (WITHOUT_ARGUMENT.contains(name)) {
      arguments.bind(name, 0);
      comparisons.budget().spend(value instanceof String text ? text.length() / Long.BYTES : 1);
      return isA(name, value);
    }
    return switch (name) {
      case "divisibleby" -> isDivisible(value, arguments.bind(name, 1, "num").value(0));
      case "sameas" -> isSame(value, arguments.bind(name, 1, "other").value(0));
      case "filter" -> Filters.exists(value.toString());
      case "test" ->
          WITHOUT_ARGUMENT.contains(value.toString()) || OPERATORS.containsKey(value.toString());
      default -> throw new TemplateException("there is no test '" + name + "'");
    };
  }

  private static boolean isA(String name, Object value) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == None.NONE;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "integer" -> Types.isInteger(value);
      case "float" -> value instanceof Double;
      case "number" -> Comparisons.isNumber(value);
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map;
      case "sequence" -> isSequence(value);
      case "iterable" -> isSequence(value) || value instanceof Generator;
      case "callable" -> value instanceof Callable;
      case "odd" -> isDivisibleRest(value, 2, 1);
      case "even" -> isDivisibleRest(value, 2, 0);
      case "lower", "upper" -> isCased(value, name.equals("upper"));
      default -> false; // escaped: nothing is
    };
  }

  private static boolean isSequence(Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Tuple
        || value instanceof Map
        || value instanceof Undefined;
  }

  private static boolean isCased(Object value, boolean upper) {
    String text = value instanceof String string ? string : "";
    String cased = upper ? text.toUpperCase(Locale.ROOT) : text.toLowerCase(Locale.ROOT);
    return text.equals(cased) && text.codePoints().anyMatch(Casing::isCased);
  }

  private static boolean isDivisible(Object value, Object by) {
    if (!(by instanceof Long number) || number == 0) {
      throw new TemplateException("divisibleby needs a whole number other than 0");
    }
    return isDivisibleRest(value, number, 0);
  }

  private static boolean isDivisibleRest(Object value, long by, long rest) {
    if (value instanceof Double number) {
      return number % by == rest;
    }
    if (value instanceof Long || value instanceof Boolean) {
      long number = value instanceof Long n ? n : Boolean.TRUE.equals(value) ? 1 : 0;
      return Math.floorMod(number, by) == rest;
    }
    throw Types.notA("number", value);
  }

  private boolean isSame(Object value, Object other) {
    boolean plain =
        value instanceof String || Comparisons.isNumber(value) || value instanceof Undefined;
    return plain
        ? value.getClass() == other.getClass() && comparisons.equal(value, other)
        : value == other;
  }
}
