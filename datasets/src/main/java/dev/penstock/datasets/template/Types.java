package dev.penstock.datasets.template;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Python's names of the types of values. */
final class Types {
  private Types() {}

  static String name(Object value) {
    if (value instanceof Undefined) {
      return "Undefined";
    }
    if (value == None.NONE) {
      return "NoneType";
    }
    if (value instanceof Boolean) {
      return "bool";
    }
    if (isInteger(value)) {
      return "int";
    }
    if (value instanceof Double) {
      return "float";
    }
    if (value instanceof String || value instanceof Markup) {
      return "str";
    }
    if (value instanceof List<?>) {
      return "list";
    }
    if (value instanceof Tuple) {
      return "tuple";
    }
    if (value instanceof Map<?, ?>) {
      return "dict";
    }
    if (value instanceof Generator) {
      return "generator";
    }
    return value instanceof Namespace ? "Namespace" : "function";
  }

  /** A whole number that is no Boolean. */
  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof BigInteger;
  }

  static TemplateException notA(String needed, Object value) {
    return value instanceof Undefined undefined
        ? undefined.error()
        : new TemplateException("'" + name(value) + "' is no " + needed);
  }
}
