package dev.penstock.datasets.template;

import java.util.Arrays;
import java.util.List;

/**
 * Where within an item a filter looks: {@code attribute='function.name'}.
 *
 * @param keys one within the other
 */
record Path(List<Object> keys) {
  static Path of(Object attribute) {
    if (!(attribute instanceof String text)) {
      return new Path(List.of(attribute));
    }
    return new Path(
        Arrays.stream(text.split("\\.", -1))
            .map(part -> part.matches("[0-9]{1,9}") ? (Object) Long.valueOf(part) : part)
            .toList());
  }

  Object get(Object item, Filters all) {
    Object value = item;
    for (Object key : keys) {
      value = all.evaluator().access().item(value, key);
    }
    return value;
  }
}
