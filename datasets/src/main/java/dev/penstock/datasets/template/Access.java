package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Attributes, methods and items of values. */
record Access(Budget budget, PythonText text) {
  /** {@code value.name}: a method or attribute, or else the item of that key. */
  Object attribute(Object value, String name) {
    Object found = ownAttribute(Markup.plain(value), name);
    if (found == null && value instanceof Map<?, ?> map) {
      found = map.get(name);
    }
    return found == null ? missing(value, name) : found;
  }

  /** {@code value[key]}: the item of that key, or else the attribute. */
  Object item(Object target, Object anyKey) {
    Object value = Markup.plain(target);
    Object key = Markup.plain(anyKey);
    Object found = null;
    if (value instanceof Map<?, ?> map) {
      found = Keys.isKey(key) ? map.get(key) : null;
    } else if (key instanceof Long || key instanceof Boolean) {
      found = at(value, key instanceof Long index ? index : Boolean.TRUE.equals(key) ? 1 : 0);
    }
    if (found == null && key instanceof String name) {
      found = ownAttribute(value, name);
    }
    return found == null ? missing(value, key) : found;
  }

  private static Undefined missing(Object value, Object key) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    return new Undefined(
        "'" + (Keys.isKey(key) ? key : Types.name(key)) + "' of a '" + Types.name(value) + "'");
  }

  private @Nullable Object at(Object value, long index) {
    if (value instanceof String string) {
      int length = CodePoints.length(string);
      budget.spend(string.length() / Long.BYTES);
      long place = index < 0 ? index + length : index;
      return place >= 0 && place < length
          ? CodePoints.slice(string, (int) place, (int) place + 1)
          : null;
    }
    List<?> items =
        value instanceof Tuple tuple
            ? tuple.items()
            : value instanceof List<?> list ? list : List.of();
    long place = index < 0 ? index + items.size() : index;
    return place >= 0 && place < items.size() ? items.get((int) place) : null;
  }

  @SuppressWarnings("unchecked") // maps and lists of this room hold values
  private @Nullable Object ownAttribute(Object value, String name) {
    if (value instanceof String string) {
      return StringMethods.find(string, name, this);
    }
    if (value instanceof Map<?, ?> map) {
      return CollectionMethods.find((Map<Object, Object>) map, name, budget);
    }
    if (value instanceof List<?> list) {
      return CollectionMethods.find((List<Object>) list, name, new Comparisons(budget), true);
    }
    if (value instanceof Tuple tuple) {
      return CollectionMethods.find(tuple.items(), name, new Comparisons(budget), false);
    }
    if (value instanceof Namespace namespace) {
      return namespace.attributes().get(name);
    }
    return value instanceof Attributed attributed ? attributed.attribute(name) : null;
  }

  /** {@code value[start:stop:step]}, None where nothing is given. */
  Object slice(Object target, Object start, Object stop, Object step) {
    Object value = Markup.plain(target);
    if (value instanceof String string) {
      budget.spend(string.length());
      return String.join("", strings(slice(CodePoints.split(string), start, stop, step)));
    }
    if (value instanceof Tuple tuple) {
      return new Tuple(slice(tuple.items(), start, stop, step));
    }
    if (value instanceof List<?> list) {
      return slice(list, start, stop, step);
    }
    throw Types.notA("list or string to take a part of", value);
  }

  private static List<String> strings(List<Object> characters) {
    return characters.stream().map(Object::toString).toList();
  }

  private List<Object> slice(List<?> items, Object start, Object stop, Object step) {
    long by = bound(step, 1);
    if (by == 0) {
      throw new TemplateException("the step of a slice is 0");
    }
    long size = items.size();
    long least = by > 0 ? 0 : -1;
    long most = by > 0 ? size : size - 1;
    long from = clip(bound(start, by > 0 ? 0 : Long.MAX_VALUE), size, least, most);
    long to = stop == None.NONE ? (by > 0 ? size : -1) : clip(bound(stop, 0), size, least, most);
    List<Object> part = new ArrayList<>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      part.add(items.get((int) i));
      if (Math.abs(by) > size) {
        break;
      }
    }
    budget.spend(part.size());
    return part;
  }

  private static long bound(Object value, long otherwise) {
    if (value == None.NONE) {
      return otherwise;
    }
    if (value instanceof Long number) {
      return number;
    }
    throw Types.notA("whole number, as the bounds of a slice are", value);
  }

  private static long clip(long index, long size, long least, long most) {
    return Math.max(least, Math.min(most, index < 0 ? index + size : index));
  }
}
