package dev.penstock.engine.config;

/** Texts of strangers in messages: never longer than a line or two. */
public final class Quoted {
  private static final int MOST = 160;

  private Quoted() {}

  /** The text, or its beginning and how much more there is. */
  public static String plain(String text) {
    return text.length() <= MOST
        ? text
        : "%s... (%,d characters)".formatted(text.substring(0, MOST), text.length());
  }
}
