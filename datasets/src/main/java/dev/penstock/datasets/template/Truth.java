package dev.penstock.datasets.template;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Which values count as true. */
final class Truth {
  private Truth() {}

  static boolean of(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof Long number) {
      return number != 0;
    }
    if (value instanceof Double number) {
      return number != 0;
    }
    if (value instanceof BigInteger number) {
      return number.signum() != 0;
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    if (value instanceof Tuple tuple) {
      return !tuple.items().isEmpty();
    }
    if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    if (value instanceof Markup markup) {
      return !markup.text().isEmpty();
    }
    return !(value instanceof Undefined) && value != None.NONE;
  }
}
