package dev.penstock.datasets.template;

import java.util.HashMap;
import java.util.Map;

/** What follows a bar: every filter by its name. */
final class Filters {
  /** A filter. */
  interface Filter {
    Object apply(Object value, Arguments arguments, Filters all);
  }

  private static final Map<String, Filter> BY_NAME = new HashMap<>();

  static {
    BY_NAME.putAll(TextFilters.BY_NAME);
    BY_NAME.putAll(NumberFilters.BY_NAME);
    BY_NAME.putAll(SequenceFilters.BY_NAME);
    BY_NAME.putAll(SelectionFilters.BY_NAME);
  }

  private final Budget budget;
  private final Evaluator evaluator;
  private final Tests tests;

  Filters(Budget budget, Evaluator evaluator, Tests tests) {
    this.budget = budget;
    this.evaluator = evaluator;
    this.tests = tests;
  }

  static boolean exists(String name) {
    return BY_NAME.containsKey(name);
  }

  Object apply(String name, Object value, Arguments arguments) {
    Filter filter = BY_NAME.get(name);
    if (filter == null) {
      throw new TemplateException("there is no filter '" + name + "'");
    }
    budget.step();
    boolean escaped = value instanceof Markup && (name.equals("escape") || name.equals("e"));
    return escaped ? value : filter.apply(Markup.plain(value), arguments, this);
  }

  Budget budget() {
    return budget;
  }

  Evaluator evaluator() {
    return evaluator;
  }

  Tests tests() {
    return tests;
  }

  /** The text that a value prints as. */
  String text(Object value) {
    String text = evaluator.text(value);
    budget.spend(text.length());
    return text;
  }
}
