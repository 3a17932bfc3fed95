package dev.penstock.spark.data;

import dev.penstock.datasets.format.RowForm;
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
      checkNulls(spec, spec.source().described(), rows.nullRows(), rows);
      if (spec.source().weighted()) {
        checkNulls(
            spec,
            "Column '%s' (weightCol)".formatted(spec.source().weight()),
            rows.nullWeightRows(),
            rows);
      }
    }
    if (rows.invalidWeightRows() > 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              ("Column '%s' (weightCol) is NaN, infinite or negative in %d of %d %s. A weight must be"
                  + " at least 0 and finite: drop or mend these rows."),
              spec.source().weight(),
              rows.invalidWeightRows(),
              rows.rows(),
              spec.rows()));
    }
    if (rows.usableRows() == 0) {
      throw new ConfigException(nothingToIngest(spec, rows));
    }
  }

  /**
   * Refuses rows of which none was readable.
   *
   * @param documents how many were
   */
  static void checkReadable(IngestSpec spec, RowCounts rows, long documents) {
    if (documents == 0 && rows.usableRows() > 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "None of %d %s can be read, and skipUnreadableRows left them all out. Set it to false, and the fit ends with what is wrong with one.",
              rows.usableRows(),
              spec.rows()));
    }
  }

  private static void checkNulls(IngestSpec spec, String described, long nulls, RowCounts rows) {
    if (nulls > 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "%s is null in %d of %d %s. Drop them, or set handleInvalid to 'skip'.",
              described,
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
            "%s has no %s in any of %d %s.",
            spec.source().described(),
            spec.source().form() instanceof RowForm.Text ? "text" : "content",
            rows.rows(),
            spec.rows())
        : String.format(
            Locale.ROOT,
            ("Column '%s' (weightCol) is above 0 in none of the %d %s that have text: it is 0 in %d and"
                + " null in %d. At least one row must count in the loss."),
            spec.source().weight(),
            withText,
            spec.rows(),
            rows.zeroWeightRows(),
            rows.nullWeightRows());
  }
}
