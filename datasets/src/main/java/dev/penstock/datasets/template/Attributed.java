package dev.penstock.datasets.template;

import org.jspecify.annotations.Nullable;

/** A value with attributes of its own, such as {@code loop}. */
interface Attributed {
  /** The attribute of a name; null: there is none. */
  @Nullable Object attribute(String name);
}
