package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A split, and a part of its rows as Hugging Face datasets writes it: {@code train[:128]}, {@code
 * train[64:]}, {@code train[10%:20%]}, {@code train[-100:]}.
 *
 * @param split the name
 * @param begin the first row; null: the first of all
 * @param end the row behind the last; null: all that are left
 */
record RowSlice(String split, @Nullable Bound begin, @Nullable Bound end) {
  private static final Pattern FORM =
      Pattern.compile("([\\w.-]+)(?:\\[(?:(-?\\d+)(%?))?:(?:(-?\\d+)(%?))?\\])?");

  /**
   * Where a part begins or ends.
   *
   * @param number of the row; below 0 from the end
   * @param percent whether it is a share of all rows
   */
  record Bound(long number, boolean percent) {
    long of(long count) {
      long row = percent ? Math.round(number / 100.0 * count) : number;
      return Math.max(0, Math.min(count, row < 0 ? row + count : row));
    }

    boolean needsCount() {
      return percent || number < 0;
    }
  }

  /**
   * Reads it.
   *
   * @throws ConfigException if it is written another way
   */
  static RowSlice parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new ConfigException(
          "The split %s is not written as a name, or as train[:128], train[64:] or train[10%%:20%%]. Write it so."
              .formatted(Quoted.of(text)));
    }
    return new RowSlice(
        matcher.group(1),
        bound(matcher.group(2), matcher.group(3)),
        bound(matcher.group(4), matcher.group(5)));
  }

  private static @Nullable Bound bound(@Nullable String number, @Nullable String percent) {
    return number == null ? null : new Bound(Long.parseLong(number), "%".equals(percent));
  }

  boolean isWhole() {
    return begin == null && end == null;
  }

  /** Rows of so many. */
  long count(long rows) {
    long first = begin == null ? 0 : begin.of(rows);
    return Math.max(0, (end == null ? rows : end.of(rows)) - first);
  }

  /** The rows, in the order of the source. */
  Dataset<Row> of(Dataset<Row> rows) {
    if (isWhole()) {
      return rows;
    }
    boolean counted = (begin != null && begin.needsCount()) || (end != null && end.needsCount());
    long count = counted ? rows.count() : Long.MAX_VALUE;
    int first = begin == null ? 0 : Math.toIntExact(begin.of(count));
    Dataset<Row> rest = first == 0 ? rows : rows.offset(first);
    return end == null ? rest : rest.limit(Math.toIntExact(Math.max(0, end.of(count) - first)));
  }
}
