package dev.penstock.datasets.template;

/**
 * A piece of a template.
 *
 * @param type what it is
 * @param text the text itself, a name, an operator, or the value of a string or number as written
 * @param line counted from 1
 */
record Token(Type type, String text, int line) {
  /** Kinds of tokens. */
  enum Type {
    TEXT,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Type other, String value) {
    return type == other && text.equals(value);
  }
}
