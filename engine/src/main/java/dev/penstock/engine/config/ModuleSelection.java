package dev.penstock.engine.config;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Which modules of a model are meant.
 *
 * @param kind how the texts are read
 * @param texts what the user or a file says
 */
public record ModuleSelection(Kind kind, List<String> texts) implements Serializable {
  /** How the texts of a selection are read. */
  public enum Kind {
    /** Whole names or their ends at a dot: a list of peft's. */
    NAMES,
    /** One regular expression of Python's for whole names: a single text of peft's. */
    REGEX,
    /** Any of those, or wildcards, as in {@link ModulePattern}: what a user types. */
    PATTERNS
  }

  /** Means no module. */
  public static final ModuleSelection NONE = ofNames(List.of());

  public ModuleSelection {
    texts = List.copyOf(texts);
  }

  /** Whole names, or their ends at a dot. */
  public static ModuleSelection ofNames(List<String> names) {
    return new ModuleSelection(Kind.NAMES, names);
  }

  /** One regular expression for whole names. */
  public static ModuleSelection ofRegex(String regex) {
    return new ModuleSelection(Kind.REGEX, List.of(regex));
  }

  /** What a user types. */
  public static ModuleSelection ofPatterns(List<String> patterns) {
    return new ModuleSelection(Kind.PATTERNS, patterns);
  }

  /** Whether this is the single text {@value LoraConfig#ALL_LINEAR}, in capitals or not. */
  public boolean isAllLinear() {
    return kind == Kind.REGEX
        && texts.get(0).toLowerCase(Locale.ROOT).equals(LoraConfig.ALL_LINEAR);
  }

  public boolean isEmpty() {
    return texts.isEmpty();
  }

  /**
   * Tells whether a module is meant; patterns are compiled once.
   *
   * @throws ConfigException if a regular expression is none
   */
  public Predicate<String> toPredicate() {
    return texts.stream().map(this::toPredicate).reduce(module -> false, Predicate::or);
  }

  private Predicate<String> toPredicate(String text) {
    return switch (kind) {
      case NAMES -> module -> isNameOf(text, module);
      case REGEX -> PythonPattern.parse(text)::matches;
      case PATTERNS -> new ModulePattern(text);
    };
  }

  /** Whether a text is a module's whole name, or its end at a dot. */
  public static boolean isNameOf(String text, String module) {
    return module.endsWith(text)
        && (module.length() == text.length()
            || module.charAt(module.length() - text.length() - 1) == '.');
  }

  @Override
  public String toString() {
    return kind == Kind.REGEX ? texts.get(0) : texts.toString();
  }
}
