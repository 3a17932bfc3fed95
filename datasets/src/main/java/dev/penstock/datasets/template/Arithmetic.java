package dev.penstock.datasets.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** What operators compute. */
record Arithmetic(Budget budget, PythonText text) {
  Object apply(String operator, Object left, Object right) {
    for (Object value : List.of(left, right)) {
      if (value instanceof Undefined undefined
          && !(left instanceof String && operator.equals("%"))) {
        throw undefined.error();
      }
    }
    if (Comparisons.isNumber(left) && Comparisons.isNumber(right)) {
      return numbers(operator, number(left), number(right));
    }
    if (operator.equals("+")) {
      return join(left, right);
    }
    if (operator.equals("*")) {
      return Types.isInteger(left)
          ? repeat(Markup.plain(right), left)
          : repeat(Markup.plain(left), right);
    }
    if (operator.equals("%") && Markup.plain(left) instanceof String pattern) {
      return new PercentFormat(budget, text).format(pattern, right);
    }
    throw wrong(operator, left, right);
  }

  private static TemplateException wrong(String operator, Object left, Object right) {
    return new TemplateException(
        "'" + Types.name(left) + "' " + operator + " '" + Types.name(right) + "' has no meaning");
  }

  Object sign(boolean minus, Object value) {
    if (!Comparisons.isNumber(value)) {
      throw Types.notA("number", value);
    }
    Number number = number(value);
    if (minus && number instanceof Double decimal) {
      return -decimal;
    }
    return minus ? numbers("-", 0L, number) : number;
  }

  private static Number number(Object value) {
    return value instanceof Boolean flag ? (Number) (flag ? 1L : 0L) : (Number) value;
  }

  private Object join(Object left, Object right) {
    if ((left instanceof Markup || right instanceof Markup) && isText(left) && isText(right)) {
      String joined = Markup.escaped(left) + Markup.escaped(right);
      budget.spend(joined.length());
      return new Markup(joined);
    }
    if (left instanceof String a && right instanceof String b) {
      budget.spend((long) a.length() + b.length());
      return a + b;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return both(a, b);
    }
    if (left instanceof Tuple a && right instanceof Tuple b) {
      return new Tuple(both(a.items(), b.items()));
    }
    throw wrong("+", left, right);
  }

  private static boolean isText(Object value) {
    return value instanceof String || value instanceof Markup;
  }

  private List<Object> both(List<?> a, List<?> b) {
    budget.spend((long) a.size() + b.size());
    List<Object> both = new ArrayList<>(a);
    both.addAll(b);
    return both;
  }

  private Object repeat(Object value, Object times) {
    if (!(times instanceof Long || times instanceof Boolean)) {
      throw wrong("*", value, times);
    }
    long count = Math.max(0, number(times).longValue());
    if (value instanceof String string) {
      spendProduct(string.length(), count);
      return string.repeat(string.isEmpty() ? 0 : (int) count);
    }
    List<?> items =
        value instanceof Tuple tuple ? tuple.items() : value instanceof List<?> list ? list : null;
    if (items == null) {
      throw wrong("*", value, times);
    }
    spendProduct(items.size(), count);
    List<Object> all = new ArrayList<>();
    for (long i = 0; i < (items.isEmpty() ? 0 : count); i++) {
      all.addAll(items);
    }
    return value instanceof Tuple ? new Tuple(all) : all;
  }

  private void spendProduct(long length, long count) {
    long high = Math.multiplyHigh(length, count);
    budget.spend(high == 0 ? length * count : -1);
  }

  private static Object numbers(String operator, Number left, Number right) {
    if (left instanceof Double || right instanceof Double || operator.equals("/")) {
      return floats(operator, left.doubleValue(), right.doubleValue());
    }
    if (left instanceof BigInteger || right instanceof BigInteger) {
      throw new TemplateException("a whole number has more than 64 bits");
    }
    try {
      return integers(operator, left.longValue(), right.longValue());
    } catch (ArithmeticException e) {
      throw new TemplateException(
          left + " " + operator + " " + right + " has no value of 64 bits", 0);
    }
  }

  private static Object integers(String operator, long left, long right) {
    return switch (operator) {
      case "+" -> Math.addExact(left, right);
      case "-" -> Math.subtractExact(left, right);
      case "*" -> Math.multiplyExact(left, right);
      case "//" -> Math.floorDiv(left, right);
      case "%" -> Math.floorMod(left, right);
      case "**" ->
          right < 0
              ? (Object) Math.pow((double) left, (double) right)
              : (Object) power(left, right);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static long power(long base, long exponent) {
    if (base == 0 || base == 1) {
      return exponent == 0 ? 1 : base;
    }
    if (exponent >= Long.SIZE && base != -1) {
      throw new ArithmeticException("overflow");
    }
    return BigInteger.valueOf(base)
        .pow((int) (base == -1 ? exponent % 2 : exponent))
        .longValueExact();
  }

  private static double floats(String operator, double left, double right) {
    if (right == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new TemplateException("division by zero");
    }
    return switch (operator) {
      case "+" -> left + right;
      case "-" -> left - right;
      case "*" -> left * right;
      case "/" -> left / right;
      case "//" -> Math.floor(left / right);
      case "%" -> {
        double rest = left % right;
        yield rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
      }
      case "**" -> Math.pow(left, right);
      default -> throw new IllegalArgumentException(operator);
    };
  }
}
