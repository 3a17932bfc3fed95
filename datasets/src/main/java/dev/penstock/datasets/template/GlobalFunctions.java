package dev.penstock.datasets.template;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that every template has. */
final class GlobalFunctions {
  private static final int LONGEST_RANGE = 100_000;

  private GlobalFunctions() {}

  /** All of them, by name. */
  static Map<String, Callable> at(LocalDateTime now) {
    return Map.of(
        "raise_exception", GlobalFunctions::raise,
        "strftime_now",
            arguments ->
                DateFormat.format(arguments.bind("strftime_now", 1, "format").text(0), now),
        "range", GlobalFunctions::range,
        "dict", GlobalFunctions::dict,
        "namespace", Namespace::of,
        "cycler", arguments -> new Cycler(arguments.positional()),
        "joiner", arguments -> joiner(arguments.bind("joiner", 0, "sep").text(0, ", ")));
  }

  private static Object raise(Arguments arguments) {
    Object message = arguments.bind("raise_exception", 1, "message").value(0);
    throw new TemplateException(
        "it refuses the conversation: " + new PythonText(new Budget()).of(message));
  }

  private static Object range(Arguments arguments) {
    Arguments.Bound bound = arguments.bind("range", 1, "start", "stop", "step");
    boolean one = !bound.has(1);
    long start = one ? 0 : bound.number(0, 0);
    long stop = bound.number(one ? 0 : 1, 0);
    long step = bound.number(2, 1);
    if (step == 0) {
      throw new TemplateException("range: the step is 0");
    }
    long length = Math.max(0, (stop - start + step - Long.signum(step)) / step);
    if (length > LONGEST_RANGE) {
      throw new TemplateException("range: " + length + " numbers are more than " + LONGEST_RANGE);
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = 0; i < length; i++) {
      numbers.add(start + i * step);
    }
    return numbers;
  }

  /** A dict of another one, of pairs, of names, or of both. */
  static Map<Object, Object> dict(Arguments arguments) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    if (arguments.positional().size() > 1) {
      throw new TemplateException("a dict is made of at most one value, and of names");
    }
    for (Object value : arguments.positional()) {
      List<?> pairs =
          value instanceof Map<?, ?> map
              ? CollectionMethods.items(map)
              : value instanceof List<?> list ? list : List.of();
      for (Object pair : pairs) {
        List<?> items =
            pair instanceof Tuple tuple ? tuple.items() : pair instanceof List<?> l ? l : List.of();
        if (items.size() != 2) {
          throw new TemplateException("a dict is made of pairs");
        }
        dict.put(Keys.check(items.get(0)), items.get(1));
      }
    }
    dict.putAll(arguments.named());
    return dict;
  }

  private static Callable joiner(String separator) {
    boolean[] used = new boolean[1];
    return arguments -> {
      String text = used[0] ? separator : "";
      used[0] = true;
      return text;
    };
  }

  /** Goes round and round through some values. */
  private static final class Cycler implements Attributed {
    private final List<Object> values;
    private int position;

    Cycler(List<Object> values) {
      if (values.isEmpty()) {
        throw new TemplateException("a cycler needs a value");
      }
      this.values = values;
    }

    @Override
    public @Nullable Object attribute(String name) {
      return switch (name) {
        case "current" -> values.get(position);
        case "next" ->
            (Callable)
                arguments -> {
                  Object value = values.get(position);
                  position = (position + 1) % values.size();
                  return value;
                };
        case "reset" ->
            (Callable)
                arguments -> {
                  position = 0;
                  return None.NONE;
                };
        default -> null;
      };
    }
  }
}
