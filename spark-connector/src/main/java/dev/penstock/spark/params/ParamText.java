package dev.penstock.spark.params;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a Param is called, and how it is documented. */
final class ParamText {
  private ParamText() {}

  /** The name of a constant with a hump for each word. */
  static String name(String constant) {
    StringBuilder camel = new StringBuilder();
    for (String word : constant.split("_", -1)) {
      camel.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return camel.replace(0, 1, camel.substring(0, 1).toLowerCase(Locale.ROOT)).toString();
  }

  /** Meaning, allowed values, default, recipe key. */
  static String doc(
      String meaning, Domain domain, @Nullable Object defaultValue, String recipeKey) {
    StringBuilder doc = new StringBuilder(meaning);
    String allowed = domain.describe();
    if (!allowed.isEmpty()) {
      doc.append(" Value: ").append(allowed).append('.');
    }
    if (defaultValue != null) {
      doc.append(" Default: ").append(defaultValue).append('.');
    }
    return doc.append(" Recipe key: ").append(recipeKey).append('.').toString();
  }
}
