package dev.penstock.engine.config;

import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Names modules as peft and the reference do: a whole name or its end at a dot; or else a regular
 * expression for the whole name, or one with {@code *} for anything, as in {@code *.layers.0.*}.
 *
 * @param text what the user wrote
 */
public record ModulePattern(String text) implements Predicate<String> {
  @Override
  public boolean test(String module) {
    return module.equals(text)
        || module.endsWith("." + text)
        || pattern().matcher(module).matches();
  }

  private Pattern pattern() {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException notRegular) {
      return wildcards();
    }
  }

  private Pattern wildcards() {
    StringBuilder regex = new StringBuilder();
    for (String literal : text.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(literal));
    }
    return Pattern.compile(regex.toString());
  }
}
