package dev.penstock.engine.config;

import java.util.function.Predicate;

/**
 * Names modules as the reference does: a whole name or its end at a dot; or else a regular
 * expression of Python's for the whole name, or one with {@code *} for anything, as in {@code
 * *.layers.0.*}.
 */
final class ModulePattern implements Predicate<String> {
  private static final String SPECIAL = "\\.[]{}()^$+?|";

  private final String text;
  private final PythonPattern pattern;

  ModulePattern(String text) {
    this.text = text;
    pattern = pattern(text);
  }

  @Override
  public boolean test(String module) {
    return ModuleSelection.isNameOf(text, module) || pattern.matches(module);
  }

  private static PythonPattern pattern(String text) {
    if (text.startsWith("*")) {
      return wildcards(text);
    }
    try {
      return PythonPattern.parse(text);
    } catch (ConfigException notRegular) {
      if (text.contains("*")) {
        return wildcards(text);
      }
      throw notRegular;
    }
  }

  private static PythonPattern wildcards(String text) {
    StringBuilder regex = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (c == '*') {
        regex.append(".*");
      } else {
        regex.append(SPECIAL.indexOf(c) >= 0 ? "\\" : "").append(c);
      }
    }
    return PythonPattern.parse(regex.toString());
  }
}
