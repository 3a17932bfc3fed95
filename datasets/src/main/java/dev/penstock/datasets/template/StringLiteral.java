package dev.penstock.datasets.template;

/** What stands between the quotes of a string, without its escapes. */
final class StringLiteral {
  private static final String SHORT = "\\'\"abfnrtv";
  private static final String MEANT = "\\'\"\u0007\b\f\n\r\t\u000b";
  private static final int OCTAL_DIGITS = 3;

  private final String written;
  private final int line;
  private final StringBuilder value = new StringBuilder();
  private int position;

  private StringLiteral(String written, int line) {
    this.written = written;
    this.line = line;
  }

  static String value(String written, int line) {
    return written.indexOf('\\') < 0 ? written : new StringLiteral(written, line).unescape();
  }

  private String unescape() {
    while (position < written.length()) {
      char next = written.charAt(position++);
      if (next == '\\') {
        escape(written.charAt(position++));
      } else {
        value.append(next);
      }
    }
    return value.toString();
  }

  private void escape(char kind) {
    int known = SHORT.indexOf(kind);
    if (known >= 0) {
      value.append(MEANT.charAt(known));
    } else if (kind == 'x') {
      hex(2);
    } else if (kind == 'u') {
      hex(4);
    } else if (kind == 'U') {
      hex(8);
    } else if (kind >= '0' && kind <= '7') {
      octal();
    } else if (kind != '\n') {
      value.append('\\').append(kind);
    }
  }

  private void hex(int digits) {
    int end = position + digits;
    try {
      int point =
          Integer.parseInt(written.substring(position, Math.min(end, written.length())), 16);
      if (end > written.length() || !Character.isValidCodePoint(point)) {
        throw new NumberFormatException();
      }
      value.appendCodePoint(point);
    } catch (NumberFormatException e) {
      throw new TemplateException("the string '" + written + "' has a broken escape", line);
    }
    position = end;
  }

  private void octal() {
    int begin = position - 1;
    int end = begin;
    while (end < written.length()
        && end < begin + OCTAL_DIGITS
        && written.charAt(end) >= '0'
        && written.charAt(end) <= '7') {
      end++;
    }
    value.appendCodePoint(Integer.parseInt(written.substring(begin, end), 8));
    position = end;
  }
}
