package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Filters.Filter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters that choose, change or order the items of a list. */
final class SelectionFilters {
  static final Map<String, Filter> BY_NAME =
      Map.ofEntries(
          Map.entry("select", (v, a, all) -> select(v, a, all, false, true)),
          Map.entry("reject", (v, a, all) -> select(v, a, all, false, false)),
          Map.entry("selectattr", (v, a, all) -> select(v, a, all, true, true)),
          Map.entry("rejectattr", (v, a, all) -> select(v, a, all, true, false)),
          Map.entry("map", SelectionFilters::map),
          Map.entry("sort", SelectionFilters::sort),
          Map.entry("dictsort", SelectionFilters::sortDict),
          Map.entry("unique", SelectionFilters::unique),
          Map.entry("groupby", SelectionFilters::group),
          Map.entry("min", (v, a, all) -> extreme(v, a, all, 1)),
          Map.entry("max", (v, a, all) -> extreme(v, a, all, -1)));

  private SelectionFilters() {}

  /** Of None and the like there are no items. */
  private static List<Object> itemsIfAny(Object value, Filters all) {
    return Truth.of(value) ? all.evaluator().items(value) : List.of();
  }

  private static Object select(
      Object value, Arguments arguments, Filters all, boolean byAttribute, boolean wanted) {
    List<Object> given = arguments.positional();
    int testAt = byAttribute ? 1 : 0;
    if (given.size() < testAt) {
      throw new TemplateException("selectattr and rejectattr need the name of an attribute");
    }
    List<Object> selected = new ArrayList<>();
    for (Object item : itemsIfAny(value, all)) {
      Object tested = byAttribute ? Path.of(given.get(0)).get(item, all) : item;
      boolean holds =
          given.size() > testAt
              ? all.tests().test(given.get(testAt).toString(), tested, arguments.from(testAt + 1))
              : Truth.of(tested);
      if (holds == wanted) {
        selected.add(item);
      }
    }
    return new Generator(selected);
  }

  private static Object map(Object value, Arguments arguments, Filters all) {
    List<Object> mapped = new ArrayList<>();
    if (arguments.positional().isEmpty()) {
      Arguments.Bound bound = arguments.bind("map", 0, "attribute", "default");
      Path path = Path.of(bound.value(0));
      for (Object item : itemsIfAny(value, all)) {
        Object found = path.get(item, all);
        mapped.add(found instanceof Undefined ? bound.value(1, found) : found);
      }
      return new Generator(mapped);
    }
    for (Object item : itemsIfAny(value, all)) {
      mapped.add(all.apply(arguments.positional().get(0).toString(), item, arguments.from(1)));
    }
    return new Generator(mapped);
  }

  /** What items are compared by: texts without their case, unless it counts. */
  private static Object key(
      Object item, Arguments.Bound bound, int attribute, boolean cased, Filters all) {
    Object key = bound.has(attribute) ? Path.of(bound.value(attribute)).get(item, all) : item;
    return key instanceof String text && !cased ? text.toLowerCase(Locale.ROOT) : key;
  }

  private static Object sort(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
    boolean cased = bound.flag(1, false);
    List<Object> sorted = new ArrayList<>(all.evaluator().items(value));
    Comparator<Object> order = order(all);
    sorted.sort(
        (a, b) -> {
          Object left = key(a, bound, 2, cased, all);
          Object right = key(b, bound, 2, cased, all);
          return bound.flag(0, false) ? order.compare(right, left) : order.compare(left, right);
        });
    return sorted;
  }

  private static Comparator<Object> order(Filters all) {
    return all.evaluator().comparisons()::compare;
  }

  private static Object sortDict(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
    long by = bound.text(1, "key").equals("value") ? 1 : 0;
    List<Object> items = CollectionMethods.items(value instanceof Map<?, ?> map ? map : Map.of());
    return sort(
        items,
        new Arguments(List.of(bound.flag(2, false), bound.flag(0, false), by), Map.of()),
        all);
  }

  private static Object unique(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
    List<Object> seen = new ArrayList<>();
    List<Object> unique = new ArrayList<>();
    for (Object item : all.evaluator().items(value)) {
      Object key = key(item, bound, 1, bound.flag(0, false), all);
      if (!all.evaluator().comparisons().contains(seen, key)) {
        seen.add(key);
        unique.add(item);
      }
    }
    return new Generator(unique);
  }

  private static Object group(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
    boolean cased = bound.flag(2, false);
    List<Object> items = new ArrayList<>(all.evaluator().items(value));
    Comparator<Object> order = order(all);
    items.sort((a, b) -> order.compare(key(a, bound, 0, cased, all), key(b, bound, 0, cased, all)));
    List<Object> groups = new ArrayList<>();
    List<Object> group = new ArrayList<>();
    for (Object item : items) {
      boolean begins =
          group.isEmpty()
              || order.compare(
                      key(group.get(0), bound, 0, cased, all), key(item, bound, 0, cased, all))
                  != 0;
      if (begins) {
        group = new ArrayList<>();
        groups.add(new Tuple(List.of(Path.of(bound.value(0)).get(item, all), group)));
      }
      group.add(item);
    }
    return groups;
  }

  private static Object extreme(Object value, Arguments arguments, Filters all, int sign) {
    Arguments.Bound bound = arguments.bind("min and max", 0, "case_sensitive", "attribute");
    boolean cased = bound.flag(0, false);
    Object best = null;
    for (Object item : all.evaluator().items(value)) {
      if (best == null
          || sign
                  * order(all)
                      .compare(key(item, bound, 1, cased, all), key(best, bound, 1, cased, all))
              < 0) {
        best = item;
      }
    }
    return best == null ? new Undefined("the least or largest of no items") : best;
  }
}
