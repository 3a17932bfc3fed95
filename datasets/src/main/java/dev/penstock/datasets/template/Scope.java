package dev.penstock.datasets.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables of a block, and of those around it, which it sees but does not change. */
final class Scope {
  private final @Nullable Scope around;
  private final Map<String, Object> values = new HashMap<>();

  Scope(@Nullable Scope around) {
    this.around = around;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.around) {
      Object value = scope.values.get(name);
      if (value != null) {
        return value;
      }
    }
    return new Undefined("'" + name + "'");
  }

  void set(String name, Object value) {
    values.put(name, value);
  }
}
