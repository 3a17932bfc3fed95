package dev.penstock.engine.model.family;

import dev.penstock.engine.config.PythonPattern;
import java.util.LinkedHashMap;
import java.util.Map;

/** Values by patterns of module names, as in peft's {@code rank_pattern}. */
final class ModuleValues<T> {
  private final Map<PythonPattern, T> patterns = new LinkedHashMap<>();
  private final T otherwise;

  /**
   * Compiles the patterns.
   *
   * @throws ConfigException if one is none
   */
  ModuleValues(Map<String, T> values, T otherwise) {
    values.forEach(
        (pattern, value) -> patterns.put(PythonPattern.parse("(.*\\.)?(" + pattern + ")$"), value));
    this.otherwise = otherwise;
  }

  /** The value of the first pattern that fits a module's name or its end at a dot. */
  T of(String module) {
    return patterns.entrySet().stream()
        .filter(entry -> entry.getKey().matches(module))
        .findFirst()
        .map(Map.Entry::getValue)
        .orElse(otherwise);
  }
}
