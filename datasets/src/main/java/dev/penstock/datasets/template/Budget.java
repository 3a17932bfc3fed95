package dev.penstock.datasets.template;

import java.util.Locale;

/**
 * What one rendering may do: so many steps, and values nested so deep. Steps are counted, not
 * timed, so a template is refused on every machine or on none.
 */
final class Budget {
  /** Characters a template may have. */
  static final int MOST_SOURCE = 1 << 20;

  /** Levels of blocks and brackets within each other. */
  static final int DEEPEST_SOURCE = 100;

  /** Levels of statements, operations, calls and values within each other. */
  private static final int DEEPEST = 400;

  /** Nodes evaluated, and characters and items made. */
  private static final long MOST_WORK = 20_000_000;

  private long work;
  private int depth;

  /** Counts something done once. */
  void step() {
    spend(1);
  }

  /** Counts characters or items, before they are made. */
  void spend(long amount) {
    work += amount;
    if (amount < 0 || work < 0 || work > MOST_WORK) {
      throw new TemplateException(
          String.format(
              Locale.ROOT,
              "it does more than %d steps, or makes more text than so many characters",
              MOST_WORK));
    }
  }

  /** What was done so far. */
  long work() {
    return work;
  }

  void enter() {
    step();
    if (++depth > DEEPEST) {
      throw tooDeep(DEEPEST);
    }
  }

  void leave() {
    depth--;
  }

  static TemplateException tooDeep(int deepest) {
    return new TemplateException(
        String.format(Locale.ROOT, "it goes more than %d levels deep", deepest));
  }
}
