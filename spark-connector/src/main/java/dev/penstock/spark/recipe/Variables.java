package dev.penstock.spark.recipe;

import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Environment variables in texts: {@code ${NAME}}, {@code ${NAME,default}}, {@code
 * ${oc.env:NAME,default}}, {@code ${env:NAME}} and {@code $NAME}, where dots belong to the name. A
 * lone dollar, or one before a digit, stays.
 */
final class Variables {
  private static final Pattern REFERENCE =
      Pattern.compile(
          "\\$\\{\\s*(?:oc\\.env:|env:)?\\s*([^,{}]*?)\\s*(?:,([^{}]*))?\\}|\\$([A-Za-z_][A-Za-z0-9_.]*)");
  private static final Pattern SECRET =
      Pattern.compile(
          "(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|APIKEY|KEY|AUTH|CREDENTIALS?)(?:_|$)");

  private final Function<String, @Nullable String> environment;

  Variables(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  /**
   * A text with its variables put in.
   *
   * @param text what came of it
   * @param missing the first variable that is neither set nor has a default; null: none
   * @param secret whether a variable whose name says that it is a secret was put in
   */
  record Replaced(String text, @Nullable String missing, boolean secret) {}

  Replaced replace(String text) {
    Matcher matcher = REFERENCE.matcher(text);
    StringBuilder replaced = new StringBuilder();
    String missing = null;
    boolean secret = false;
    while (matcher.find()) {
      String name = matcher.group(1) == null ? matcher.group(3) : matcher.group(1);
      String value = environment.apply(name);
      secret |= value != null && SECRET.matcher(name.toUpperCase(Locale.ROOT)).find();
      if (value == null && matcher.group(2) != null) {
        value = matcher.group(2).strip();
      }
      if (value == null) {
        missing = missing == null ? name : missing;
        value = matcher.group();
      }
      matcher.appendReplacement(replaced, Matcher.quoteReplacement(value));
    }
    return new Replaced(matcher.appendTail(replaced).toString(), missing, secret);
  }
}
