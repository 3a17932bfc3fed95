package dev.penstock.spark.data;

import org.jspecify.annotations.Nullable;

/**
 * The columns of a frame that are read.
 *
 * @param text the text (inputCol), which may be null
 * @param weight how much each token of the row counts in the loss (weightCol); null: 1 each
 * @param validation true on rows to validate on, false or null on others (validationIndicatorCol);
 *     null: no such column
 */
public record TextColumns(String text, @Nullable String weight, @Nullable String validation) {
  boolean weighted() {
    return weight != null;
  }
}
