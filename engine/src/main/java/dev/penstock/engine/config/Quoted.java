package dev.penstock.engine.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What comes from a file or a user, made fit for a message: short and printable. Whoever sends a
 * file of megabytes in one name must not fill a log with it.
 */
public final class Quoted {
  /** Most bytes of a message, in UTF-8. */
  public static final int MAX_MESSAGE_BYTES = 2048;

  private static final int MAX_LENGTH = 120;
  private static final int MAX_LIST_LENGTH = 1000;

  /** What a message that is cut keeps of its end, where the remedy is. */
  private static final int TAIL_BYTES = 600;

  private static final int MARK_BYTES = 64;

  private Quoted() {}

  /** The first line of an exception's message: the JSON parser goes on about where it read. */
  public static String firstLine(Exception e) {
    return of(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
  }

  /** A text in quotation marks. */
  public static String of(String text) {
    return "'" + plain(text) + "'";
  }

  /** The same without them: a number, or what has its own. */
  public static String plain(@Nullable Object value) {
    String text = String.valueOf(value);
    StringBuilder quoted = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), MAX_LENGTH); i++) {
      char c = text.charAt(i);
      quoted.append(isPrintable(c) ? c : '?');
    }
    if (text.length() > MAX_LENGTH) {
      quoted.append("...");
    }
    return quoted.toString();
  }

  /** Neither breaks a line nor changes the direction of what follows. */
  private static boolean isPrintable(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /** As many of the texts as are fit to read, and how many more there are. */
  public static String list(Collection<String> texts) {
    List<String> listed = new ArrayList<>();
    int length = 0;
    for (String text : texts) {
      String quoted = plain(text);
      length += quoted.length() + 2;
      if (length > MAX_LIST_LENGTH) {
        return String.format(
            Locale.ROOT, "%s and %d more", String.join(", ", listed), texts.size() - listed.size());
      }
      listed.add(quoted);
    }
    return String.join(", ", listed);
  }

  /** A message of at most {@link #MAX_MESSAGE_BYTES}: beginning and end of a longer one. */
  public static String message(String message) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MAX_MESSAGE_BYTES) {
      return message;
    }
    String head = head(bytes, MAX_MESSAGE_BYTES - TAIL_BYTES - MARK_BYTES);
    String tail = tail(bytes, TAIL_BYTES);
    return String.format(
        Locale.ROOT,
        "%s ... (%d characters left out) ... %s",
        head,
        message.length() - head.length() - tail.length(),
        tail);
  }

  private static String head(byte[] bytes, int length) {
    int end = length;
    while (isContinuation(bytes[end])) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static String tail(byte[] bytes, int length) {
    int begin = bytes.length - length;
    while (isContinuation(bytes[begin])) {
      begin++;
    }
    return new String(bytes, begin, bytes.length - begin, StandardCharsets.UTF_8);
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xC0) == 0x80;
  }
}
