package dev.penstock.engine.safetensors;

/** A string from a file, made fit for a message: short and printable. */
final class Quoted {
  private static final int MAX_LENGTH = 120;

  private Quoted() {}

  /** The first line of an exception's message: the JSON parser goes on about where it read. */
  static String firstLine(Exception e) {
    return of(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
  }

  static String of(String text) {
    StringBuilder quoted = new StringBuilder("'");
    for (int i = 0; i < Math.min(text.length(), MAX_LENGTH); i++) {
      char c = text.charAt(i);
      quoted.append(c < ' ' || c > '~' ? '?' : c);
    }
    if (text.length() > MAX_LENGTH) {
      quoted.append("...");
    }
    return quoted.append('\'').toString();
  }
}
