package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Methods of dicts, lists and tuples. Those that would change one are refused when called. */
final class CollectionMethods {
  private static final Set<String> CHANGING_DICT =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> CHANGING_LIST =
      Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");

  private CollectionMethods() {}

  /** The method of a dict; null: it has none of that name. */
  static @Nullable Callable find(Map<Object, Object> map, String name, Budget budget) {
    if (CHANGING_DICT.contains(name)) {
      return refused(name, "dict");
    }
    return switch (name) {
      case "get" ->
          arguments -> {
            Arguments.Bound bound = arguments.bind("get", 1, "key", "default");
            Object value = map.get(Keys.check(bound.value(0)));
            return value == null ? bound.value(1, None.NONE) : value;
          };
      case "items" -> copying(map, budget, () -> items(map));
      case "keys" -> copying(map, budget, () -> new ArrayList<>(map.keySet()));
      case "values" -> copying(map, budget, () -> new ArrayList<>(map.values()));
      case "copy" -> copying(map, budget, () -> new LinkedHashMap<>(map));
      default -> null;
    };
  }

  private static Callable copying(Map<?, ?> map, Budget budget, Supplier<Object> copy) {
    return arguments -> {
      budget.spend(map.size());
      return copy.get();
    };
  }

  /** Key and value of every entry. */
  static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(new Tuple(List.of(key, value))));
    return items;
  }

  /** The method of a list or tuple; null: it has none of that name. */
  static @Nullable Callable find(
      List<Object> list, String name, Comparisons comparisons, boolean changeable) {
    if (changeable && CHANGING_LIST.contains(name)) {
      return refused(name, "list");
    }
    return switch (name) {
      case "index" -> arguments -> index(list, arguments, comparisons);
      case "count" ->
          arguments -> {
            Object value = arguments.bind(name, 1, "value").value(0);
            return list.stream().filter(item -> comparisons.equal(item, value)).count();
          };
      case "copy" -> changeable ? arguments -> new ArrayList<>(list) : null;
      default -> null;
    };
  }

  private static Object index(List<Object> list, Arguments arguments, Comparisons comparisons) {
    Object value = arguments.bind("index", 1, "value").value(0);
    for (int i = 0; i < list.size(); i++) {
      if (comparisons.equal(list.get(i), value)) {
        return (long) i;
      }
    }
    throw new TemplateException("index: the value is not in the list");
  }

  private static Callable refused(String name, String type) {
    return arguments -> {
      throw new TemplateException(
          "a template changes no values, but calls '" + name + "' of a '" + type + "'");
    };
  }
}
