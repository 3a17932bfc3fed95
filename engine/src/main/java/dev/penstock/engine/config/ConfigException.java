package dev.penstock.engine.config;

import java.util.Locale;

/**
 * The user's configuration cannot work; the message names the values and the remedy, in at most
 * {@value Quoted#MAX_MESSAGE_BYTES} bytes.
 */
public final class ConfigException extends IllegalArgumentException {
  public ConfigException(String message) {
    super(Quoted.message(message));
  }

  public ConfigException(String message, Throwable cause) {
    super(Quoted.message(message), cause);
  }

  /** Throws with the formatted message unless {@code condition} holds. */
  static void check(boolean condition, String format, Object... values) {
    if (!condition) {
      throw new ConfigException(String.format(Locale.ROOT, format, values));
    }
  }
}
