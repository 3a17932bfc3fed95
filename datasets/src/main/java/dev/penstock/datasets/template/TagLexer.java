package dev.penstock.datasets.template;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits what stands inside one tag into names, literals and operators. */
final class TagLexer {
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?i)0b[01_]+|0o[0-7_]+|0x[0-9a-f_]+"
              + "|(?<float>[0-9][0-9_]*(?:(?:\\.[0-9][0-9_]*)?e[+-]?[0-9][0-9_]*|\\.[0-9][0-9_]*))"
              + "|[0-9][0-9_]*");
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final boolean block;
  private final List<Token> tokens;
  private int position;
  private int line;
  private int brackets;

  TagLexer(String source, int position, int line, boolean block, List<Token> tokens) {
    this.source = source;
    this.position = position;
    this.line = line;
    this.block = block;
    this.tokens = tokens;
  }

  int position() {
    return position;
  }

  int line() {
    return line;
  }

  /** Goes on to the end of the tag, with the sign before it. */
  void run() {
    while (true) {
      skipSpace();
      if (position >= source.length()) {
        throw new TemplateException(
            "the tag has no end: " + (block ? "%}" : "}}") + " is missing", line);
      }
      if (isEnd()) {
        return;
      }
      token();
    }
  }

  private boolean isEnd() {
    String end = block ? "%}" : "}}";
    return brackets == 0
        && (source.startsWith(end, position)
            || source.startsWith("-" + end, position)
            || (block && source.startsWith("+" + end, position)));
  }

  private void skipSpace() {
    while (position < source.length() && CodePoints.isSpace(source.codePointAt(position))) {
      if (source.charAt(position) == '\n') {
        line++;
      }
      position += Character.charCount(source.codePointAt(position));
    }
  }

  private void token() {
    int first = source.codePointAt(position);
    if (first == '"' || first == '\'') {
      string((char) first);
    } else if (first >= '0' && first <= '9') {
      number();
    } else if (first == '_' || Character.isUnicodeIdentifierStart(first)) {
      name();
    } else {
      operator();
    }
  }

  private void string(char quote) {
    int end = position + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw new TemplateException("the string has no end", line);
    }
    String written = source.substring(position + 1, end);
    tokens.add(new Token(TokenType.STRING, StringLiteral.value(written, line), line));
    line += (int) written.chars().filter(c -> c == '\n').count();
    position = end + 1;
  }

  private void number() {
    Matcher number = NUMBER.matcher(source).region(position, source.length());
    if (!number.lookingAt()) {
      throw new IllegalStateException("a digit begins a number");
    }
    boolean afterDot =
        !tokens.isEmpty() && tokens.get(tokens.size() - 1).is(TokenType.OPERATOR, ".");
    String digits = number.group();
    boolean isFloat = number.group("float") != null;
    if (isFloat && afterDot) { // a.0.1 is two items, not one number
      digits = digits.substring(0, digits.indexOf('.') < 0 ? 1 : digits.indexOf('.'));
      isFloat = false;
    }
    add(isFloat ? TokenType.FLOAT : TokenType.INTEGER, digits);
  }

  private void name() {
    int end = position;
    while (end < source.length()
        && Character.isUnicodeIdentifierPart(source.codePointAt(end))
        && !Character.isIdentifierIgnorable(source.codePointAt(end))) {
      end += Character.charCount(source.codePointAt(end));
    }
    add(TokenType.NAME, source.substring(position, end));
  }

  private void operator() {
    String found =
        OPERATORS.stream()
            .filter(operator -> source.startsWith(operator, position))
            .findFirst()
            .orElseThrow(
                () ->
                    new TemplateException(
                        "the character '"
                            + Character.toString(source.codePointAt(position))
                            + "' means nothing here",
                        line));
    if ("([{".contains(found)) {
      brackets++;
    } else if (")]}".contains(found) && --brackets < 0) {
      throw new TemplateException("'" + found + "' closes nothing", line);
    }
    add(TokenType.OPERATOR, found);
  }

  private void add(TokenType type, String text) {
    tokens.add(new Token(type, text, line));
    position += text.length();
  }
}
