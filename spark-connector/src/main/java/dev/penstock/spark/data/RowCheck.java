package dev.penstock.spark.data;

import dev.penstock.engine.config.ConfigException;
import java.util.Locale;

/** Refuses rows that cannot be ingested. */
final class RowCheck {
  private RowCheck() {}

  /**
   * Checks the rows of a frame.
   *
   * @throws ConfigException if there are rows that must not be, or none to ingest
   */
  static void check(IngestSpec spec, RowCounts rows) {
    if (!spec.skipNulls()) {
      checkNulls(spec, spec.columns().text(), "inputCol", rows.nullRows(), rows);
      if (spec.columns().weight() != null) {
        checkNulls(spec, spec.columns().weight(), "weightCol", rows.nullWeightRows(), rows);
      }
    }
    if (rows.invalidWeightRows() > 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              ("Column '%s' (weightCol) is NaN, infinite or negative in %d of %d %s. A weight must be"
                  + " at least 0 and finite: drop or mend these rows."),
              spec.columns().weight(),
              rows.invalidWeightRows(),
              rows.rows(),
              spec.rows()));
    }
    if (rows.usableRows() == 0) {
      throw new ConfigException(nothingToIngest(spec, rows));
    }
  }

  private static void checkNulls(
      IngestSpec spec, String column, String param, long nulls, RowCounts rows) {
    if (nulls > 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              ("Column '%s' (%s) is null in %d of %d %s. Drop them, or set handleInvalid to 'skip'."),
              column,
              param,
              nulls,
              rows.rows(),
              spec.rows()));
    }
  }

  private static String nothingToIngest(IngestSpec spec, RowCounts rows) {
    long withText = rows.rows() - rows.nullRows() - rows.emptyRows();
    return withText == 0
        ? String.format(
            Locale.ROOT,
            "Column '%s' (inputCol) has no text in any of %d %s.",
            spec.columns().text(),
            rows.rows(),
            spec.rows())
        : String.format(
            Locale.ROOT,
            ("Column '%s' (weightCol) is above 0 in none of the %d %s that have text: it is 0 in %d and"
                + " null in %d. At least one row must count in the loss."),
            spec.columns().weight(),
            withText,
            spec.rows(),
            rows.zeroWeightRows(),
            rows.nullWeightRows());
  }
}
