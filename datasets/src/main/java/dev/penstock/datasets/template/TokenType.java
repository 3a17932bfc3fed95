package dev.penstock.datasets.template;

/** Kinds of tokens. */
enum TokenType {
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
