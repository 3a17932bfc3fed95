package dev.penstock.datasets.template;

/** What a template can call: a macro, a function, or a method of a value. */
@FunctionalInterface
interface Callable {
  Object call(Arguments arguments);
}
