package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into text and tags, with the whitespace around tags that transformers leaves: a
 * tag alone on its line takes the line away (trim_blocks, lstrip_blocks), a minus takes all
 * whitespace on its side, a plus nothing.
 */
final class Lexer {
  private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-%\\}\\s*+|%\\})");
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(\\+%\\}|-%\\}\\s*+|%\\}\\n?)");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;
  private boolean atLineStart = true;

  private Lexer(String source) {
    this.source = source;
  }

  /** The tokens of a template; the last one is {@link TokenType#END}. */
  static List<Token> split(String template) {
    String unix = template.replace("\r\n", "\n").replace('\r', '\n');
    Lexer lexer = new Lexer(unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (position < source.length()) {
      int tag = nextTag(position);
      char kind = tag < 0 ? ' ' : source.charAt(tag + 1);
      text(source.substring(position, tag < 0 ? source.length() : tag), kind, sign(tag));
      if (tag < 0) {
        position = source.length();
      } else {
        moveTo(tag);
        tag(kind);
      }
    }
    tokens.add(new Token(TokenType.END, "the end of the template", line));
  }

  private int nextTag(int from) {
    for (int at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1)) {
      if (at + 1 < source.length() && "{%#".indexOf(source.charAt(at + 1)) >= 0) {
        return at;
      }
    }
    return -1;
  }

  /** The mark behind the two characters that begin a tag. */
  private char sign(int tag) {
    if (tag < 0 || tag + 2 >= source.length()) {
      return ' ';
    }
    char sign = source.charAt(tag + 2);
    return sign == '-' || (sign == '+' && source.charAt(tag + 1) != '{') ? sign : ' ';
  }

  private void text(String text, char nextKind, char nextSign) {
    String kept = text;
    if (nextSign == '-') {
      kept = CodePoints.stripRight(text);
    } else if (nextSign != '+' && (nextKind == '%' || nextKind == '#')) {
      int lineBegin = text.lastIndexOf('\n') + 1;
      if ((lineBegin > 0 || atLineStart)
          && CodePoints.stripLeft(text.substring(lineBegin)).isEmpty()) {
        kept = text.substring(0, lineBegin);
      }
    }
    if (!kept.isEmpty()) {
      tokens.add(new Token(TokenType.TEXT, kept, line));
    }
  }

  private void tag(char kind) {
    if (kind == '#') {
      comment();
      return;
    }
    Matcher raw = RAW.matcher(source).region(position, source.length());
    if (kind == '%' && raw.lookingAt()) {
      moveTo(raw.end());
      raw();
      return;
    }
    boolean block = kind == '%';
    char sign = sign(position);
    tokens.add(
        new Token(
            block ? TokenType.BLOCK_BEGIN : TokenType.PRINT_BEGIN,
            source.substring(position, position + 2),
            line));
    position += sign == ' ' ? 2 : 3;
    TagLexer inside = new TagLexer(source, position, line, block, tokens);
    inside.run();
    line = inside.line();
    position = inside.position();
    endOfTag(block);
  }

  private void comment() {
    int end = source.indexOf("#}", position + 2);
    if (end < 0) {
      throw new TemplateException("the comment has no end", line);
    }
    moveTo(end);
    position = end + 1;
    afterTag(end - 1 > position - 3 ? source.charAt(end - 1) : ' ', true);
  }

  private void raw() {
    Matcher end = END_RAW.matcher(source);
    if (!end.find(position)) {
      throw new TemplateException("the raw block has no end", line);
    }
    char sign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
    text(source.substring(position, end.start()), '%', sign);
    moveTo(end.end());
    atLineStart = source.charAt(position - 1) == '\n';
  }

  /** At the sign, or the first character, of the end of a tag. */
  private void endOfTag(boolean block) {
    char sign = source.charAt(position);
    position += sign == '-' || sign == '+' ? 2 : 1;
    tokens.add(new Token(block ? TokenType.BLOCK_END : TokenType.PRINT_END, "", line));
    afterTag(sign, block);
  }

  /** At the closing brace of a tag. */
  private void afterTag(char sign, boolean trimsLine) {
    int end = position + 1;
    if (sign == '-') {
      while (end < source.length() && CodePoints.isSpace(source.codePointAt(end))) {
        end += Character.charCount(source.codePointAt(end));
      }
    } else if (sign != '+' && trimsLine && end < source.length() && source.charAt(end) == '\n') {
      end++;
    }
    moveTo(end);
    atLineStart = source.charAt(position - 1) == '\n';
  }

  private void moveTo(int end) {
    for (int i = position; i < end; i++) {
      if (source.charAt(i) == '\n') {
        line++;
      }
    }
    position = end;
  }
}
