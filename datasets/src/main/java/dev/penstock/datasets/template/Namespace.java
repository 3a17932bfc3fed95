package dev.penstock.datasets.template;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one value that a template may change.
 *
 * @param attributes values by name
 */
record Namespace(Map<String, Object> attributes) {
  /** A namespace of the arguments: a mapping, names, or both. */
  static Namespace of(Arguments arguments) {
    Namespace made = new Namespace(new LinkedHashMap<>());
    GlobalFunctions.dict(arguments).forEach((key, value) -> made.set(key.toString(), value));
    return made;
  }

  void set(String name, Object value) {
    if (name.startsWith("_")) {
      throw new TemplateException(
          "a namespace takes no attribute that begins with _, but is given '" + name + "'");
    }
    attributes.put(name, value);
  }
}
