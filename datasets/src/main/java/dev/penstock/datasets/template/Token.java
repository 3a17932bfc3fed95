package dev.penstock.datasets.template;

/**
 * A piece of a template.
 *
 * @param type what it is
 * @param text the text itself, a name, an operator, or the value of a string or number as written
 * @param line counted from 1
 */
record Token(TokenType type, String text, int line) {
  boolean is(TokenType other, String value) {
    return type == other && text.equals(value);
  }
}
