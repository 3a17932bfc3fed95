package dev.penstock.spark.recipe;

import java.util.regex.Pattern;

/** Secrets within addresses: the password of a user, and tokens and signatures of a query. */
final class AddressSecrets {
  private static final Pattern PASSWORD = Pattern.compile("(?<=://)([^/@:\\s]*):[^/@\\s]+(?=@)");
  private static final Pattern QUERY =
      Pattern.compile(
          "([?&;][\\w.-]*(?:token|sig|signature|secret|password|passwd|key|credential)[\\w.-]*=)[^&;#\\s]+",
          Pattern.CASE_INSENSITIVE);

  private AddressSecrets() {}

  /** The text with stars in their place. */
  static String hide(String text) {
    String open = PASSWORD.matcher(text).replaceAll("$1:***");
    return QUERY.matcher(open).replaceAll("$1***");
  }
}
