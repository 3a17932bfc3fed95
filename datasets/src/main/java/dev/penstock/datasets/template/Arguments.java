package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call.
 *
 * @param positional values without a name
 * @param named values by name, in their order
 */
record Arguments(List<Object> positional, Map<String, Object> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  static Arguments of(Object... positional) {
    return new Arguments(List.of(positional), Map.of());
  }

  /** The arguments from the n-th on. */
  Arguments from(int first) {
    return new Arguments(
        positional.subList(Math.min(first, positional.size()), positional.size()), named);
  }

  /**
   * Gives the parameters of a built-in function their arguments.
   *
   * @param callee the function, for messages
   * @param required how many of the parameters must be given
   * @param names of all parameters
   */
  Bound bind(String callee, int required, String... names) {
    if (positional.size() > names.length) {
      throw new TemplateException(
          String.format(
              Locale.ROOT,
              "%s takes at most %d arguments, but is given %d",
              callee,
              names.length,
              positional.size()));
    }
    List<@Nullable Object> values = new ArrayList<>(positional);
    Map<String, Object> left = new HashMap<>(named);
    for (int i = 0; i < names.length; i++) {
      Object value = left.remove(names[i]);
      if (i >= positional.size()) {
        values.add(value);
      } else if (value != null) {
        throw new TemplateException(callee + " is given " + names[i] + " twice");
      }
      if (i < required && values.get(i) == null) {
        throw new TemplateException(callee + " needs the argument " + names[i]);
      }
    }
    if (!left.isEmpty()) {
      throw new TemplateException(callee + " has no parameter " + left.keySet().iterator().next());
    }
    return new Bound(callee, values);
  }

  /**
   * The arguments of a built-in function, by the place of their parameters.
   *
   * @param callee the function, for messages
   * @param values null where an optional one is not given
   */
  record Bound(String callee, List<@Nullable Object> values) {
    Object value(int index) {
      Object value = values.get(index);
      if (value == null) {
        throw new IllegalStateException(callee + ": no such argument");
      }
      return value;
    }

    Object value(int index, Object otherwise) {
      Object value = values.get(index);
      return value == null ? otherwise : value;
    }

    /** Whether it is given, and not None. */
    boolean has(int index) {
      return values.get(index) != null && values.get(index) != None.NONE;
    }

    String text(int index) {
      if (Markup.plain(value(index)) instanceof String text) {
        return text;
      }
      throw wrong(index, "a string");
    }

    String text(int index, String otherwise) {
      return has(index) ? text(index) : otherwise;
    }

    int number(int index, int otherwise) {
      if (!has(index)) {
        return otherwise;
      }
      Object value = value(index);
      if (value instanceof Boolean flag) {
        return flag ? 1 : 0;
      }
      if (value instanceof Long number && number == number.intValue()) {
        return number.intValue();
      }
      throw wrong(index, "a whole number of at most 31 bits");
    }

    boolean flag(int index, boolean otherwise) {
      return values.get(index) == null ? otherwise : Truth.of(value(index));
    }

    private TemplateException wrong(int index, String needed) {
      return new TemplateException(
          callee + " is given " + Types.name(value(index)) + " where it needs " + needed);
    }
  }
}
