package dev.penstock.datasets.template;

import java.util.List;

/**
 * What filters such as map and select give: items to go through once. It is true even without
 * items, and has no length.
 */
final class Generator {
  private List<Object> left;

  Generator(List<Object> items) {
    this.left = items;
  }

  /** The items that are left, which are gone then. */
  List<Object> rest() {
    List<Object> rest = left;
    left = List.of();
    return rest;
  }

  /** The next item, or else what is given. */
  Object nextOr(Object otherwise) {
    if (left.isEmpty()) {
      return otherwise;
    }
    Object next = left.get(0);
    left = left.subList(1, left.size());
    return next;
  }
}
