package dev.penstock.spark.data;

import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;

/** What a row of a frame is: something to ingest, or why it is none. */
enum RowKind {
  KEPT,
  NULL_ROW,
  EMPTY_ROW,
  NULL_WEIGHT,
  INVALID_WEIGHT,
  ZERO_WEIGHT;

  /**
   * The name of each row's kind: what the row is, or else its weight.
   *
   * @param row strings
   * @param weight double; counts only if {@code weighted}
   */
  static Column of(Column row, Column weight, boolean weighted) {
    Column ofRow =
        when(row.isNull(), NULL_ROW.name()).when(length(row).equalTo(0), EMPTY_ROW.name());
    if (!weighted) {
      return ofRow.otherwise(KEPT.name());
    }
    Column invalid =
        isnan(weight).or(weight.lt(0)).or(weight.equalTo(lit(Double.POSITIVE_INFINITY)));
    return ofRow
        .when(weight.isNull(), NULL_WEIGHT.name())
        .when(invalid, INVALID_WEIGHT.name())
        .when(weight.equalTo(0), ZERO_WEIGHT.name())
        .otherwise(KEPT.name());
  }
}
