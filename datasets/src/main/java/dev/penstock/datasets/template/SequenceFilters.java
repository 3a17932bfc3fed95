package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Filters.Filter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Filters of lists and dicts as wholes. */
final class SequenceFilters {
  static final Map<String, Filter> BY_NAME =
      Map.ofEntries(
          Map.entry("length", SequenceFilters::length),
          Map.entry("count", SequenceFilters::length),
          Map.entry("first", (v, a, all) -> end(v, all, true)),
          Map.entry("last", (v, a, all) -> end(v, all, false)),
          Map.entry("list", (v, a, all) -> new ArrayList<>(all.evaluator().items(v))),
          Map.entry("reverse", SequenceFilters::reverse),
          Map.entry("join", SequenceFilters::join),
          Map.entry("items", SequenceFilters::items),
          Map.entry("batch", SequenceFilters::batch),
          Map.entry("slice", SequenceFilters::slice),
          Map.entry("sum", SequenceFilters::sum),
          Map.entry("default", SequenceFilters::defaultValue),
          Map.entry("d", SequenceFilters::defaultValue),
          Map.entry("attr", SequenceFilters::attribute));

  private SequenceFilters() {}

  private static Object length(Object value, Arguments arguments, Filters all) {
    if (value instanceof String text) {
      all.budget().spend(text.length() / Long.BYTES);
      return (long) CodePoints.length(text);
    }
    if (value instanceof Generator) {
      throw Types.notA("value with a length", value);
    }
    return (long) all.evaluator().items(value).size();
  }

  private static Object end(Object value, Filters all, boolean first) {
    if (value instanceof Generator generator) {
      if (!first) {
        throw Types.notA("list, of which there is a last item", value);
      }
      return generator.nextOr(new Undefined("the first of no items"));
    }
    List<Object> items = all.evaluator().items(value);
    if (items.isEmpty()) {
      return new Undefined((first ? "the first" : "the last") + " of no items");
    }
    return items.get(first ? 0 : items.size() - 1);
  }

  private static Object reverse(Object value, Arguments arguments, Filters all) {
    List<Object> items = new ArrayList<>(all.evaluator().items(value));
    Collections.reverse(items);
    return value instanceof String
        ? String.join("", items.stream().map(Object::toString).toList())
        : new Generator(items);
  }

  private static Object join(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("join", 0, "d", "attribute");
    String between = all.text(bound.value(0, ""));
    StringBuilder joined = new StringBuilder();
    boolean first = true;
    for (Object item : all.evaluator().items(value)) {
      all.budget().spend(between.length());
      joined.append(first ? "" : between);
      joined.append(all.text(bound.has(1) ? Path.of(bound.value(1)).get(item, all) : item));
      first = false;
    }
    return joined.toString();
  }

  private static Object items(Object value, Arguments arguments, Filters all) {
    if (value instanceof Undefined) {
      return new Generator(List.of());
    }
    if (value instanceof Map<?, ?> map) {
      all.budget().spend(map.size());
      return new Generator(CollectionMethods.items(map));
    }
    throw Types.notA("dict, as items needs", value);
  }

  private static Object batch(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("batch", 1, "linecount", "fill_with");
    int size = bound.number(0, 0);
    List<Object> batches = new ArrayList<>();
    List<Object> batch = new ArrayList<>();
    for (Object item : all.evaluator().items(value)) {
      if (batch.size() == size) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      batch.add(item);
    }
    if (!batch.isEmpty()) {
      if (bound.has(1) && batch.size() < size) {
        all.budget().spend(size);
        batch.addAll(Collections.nCopies(size - batch.size(), bound.value(1)));
      }
      batches.add(batch);
    }
    return new Generator(batches);
  }

  private static Object slice(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("slice", 1, "slices", "fill_with");
    List<Object> items = all.evaluator().items(value);
    int slices = bound.number(0, 0);
    if (slices < 1) {
      throw new TemplateException("slice: there must be at least 1 slice");
    }
    all.budget().spend(slices);
    int each = items.size() / slices;
    int longer = items.size() % slices;
    List<Object> result = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < slices; i++) {
      int end = begin + each + (i < longer ? 1 : 0);
      List<Object> part = new ArrayList<>(items.subList(begin, end));
      if (bound.has(1) && i >= longer) {
        part.add(bound.value(1));
      }
      result.add(part);
      begin = end;
    }
    return new Generator(result);
  }

  private static Object sum(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("sum", 0, "attribute", "start");
    Object sum = bound.value(1, 0L);
    for (Object item : all.evaluator().items(value)) {
      Object addend = bound.has(0) ? Path.of(bound.value(0)).get(item, all) : item;
      sum = all.evaluator().arithmetic().apply("+", sum, addend);
    }
    return sum;
  }

  private static Object defaultValue(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("default", 0, "default_value", "boolean");
    boolean missing = value instanceof Undefined || (bound.flag(1, false) && !Truth.of(value));
    return missing ? bound.value(0, "") : value;
  }

  private static Object attribute(Object value, Arguments arguments, Filters all) {
    String name = arguments.bind("attr", 1, "name").text(0);
    Object found = value instanceof Map ? null : all.evaluator().access().attribute(value, name);
    return found == null ? new Undefined("'" + name + "'") : found;
  }
}
