package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a loop goes through. */
record Iteration(Budget budget) {
  /** The items of a value, not to be changed. */
  List<Object> items(Object value) {
    List<Object> items = list(value);
    budget.spend(items.size());
    return items;
  }

  @SuppressWarnings("unchecked") // lists of this room are lists of values
  private List<Object> list(Object value) {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    if (value instanceof String text) {
      budget.spend(text.length());
      return CodePoints.split(text);
    }
    if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof Generator generator) {
      return generator.rest();
    }
    if (value instanceof Markup markup) {
      return list(markup.text());
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw Types.notA("list, string or dict to go through", value);
  }
}
