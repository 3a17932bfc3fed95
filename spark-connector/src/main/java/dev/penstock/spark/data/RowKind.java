package dev.penstock.spark.data;

import org.jspecify.annotations.Nullable;

/** What a row of a frame is: something to ingest, or why it is none. */
enum RowKind {
  TEXT('t'),
  WEIGHTED_TEXT('w'),
  NULL_TEXT('n'),
  EMPTY_TEXT('e'),
  NULL_WEIGHT('m'),
  INVALID_WEIGHT('i'),
  ZERO_WEIGHT('z');

  private static final RowKind[] ALL = values();

  private final char mark;

  RowKind(char mark) {
    this.mark = mark;
  }

  /** The kind of a row of a frame without weights. */
  static RowKind of(@Nullable String text) {
    if (text == null) {
      return NULL_TEXT;
    }
    return text.isEmpty() ? EMPTY_TEXT : TEXT;
  }

  /** The kind of a row of a frame with weights. */
  static RowKind of(@Nullable String text, @Nullable Double weight) {
    RowKind ofText = of(text);
    if (ofText != TEXT) {
      return ofText; // whatever it weighs
    }
    if (weight == null) {
      return NULL_WEIGHT;
    }
    if (!(weight >= 0 && Double.isFinite(weight))) {
      return INVALID_WEIGHT;
    }
    return weight == 0 ? ZERO_WEIGHT : WEIGHTED_TEXT;
  }

  /** The kind of a mark. */
  static RowKind of(char mark) {
    for (RowKind kind : ALL) {
      if (kind.mark == mark) {
        return kind;
      }
    }
    throw new IllegalArgumentException("No kind of row has the mark '%s'.".formatted(mark));
  }

  /** A lower-case letter. */
  char mark() {
    return mark;
  }

  boolean isKept() {
    return this == TEXT || this == WEIGHTED_TEXT;
  }
}
