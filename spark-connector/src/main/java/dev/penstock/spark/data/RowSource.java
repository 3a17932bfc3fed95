package dev.penstock.spark.data;

import dev.penstock.datasets.format.RowForm;
import org.apache.spark.sql.Column;
import org.jspecify.annotations.Nullable;

/**
 * What is read of a frame.
 *
 * @param form what a row is
 * @param described the columns it is made of, for messages
 * @param row the frame's rows as strings: null or empty where there is none
 * @param weight name of the column that says how much each token of the row counts in the loss
 *     (weightCol); null: 1 each
 * @param validation name of the column that is true on rows to validate on, false or null on others
 *     (validationIndicatorCol); null: no such column
 */
public record RowSource(
    RowForm form,
    String described,
    Column row,
    @Nullable String weight,
    @Nullable String validation) {
  boolean weighted() {
    return weight != null;
  }
}
