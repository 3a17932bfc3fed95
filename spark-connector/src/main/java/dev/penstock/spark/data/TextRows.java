package dev.penstock.spark.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.lit;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.StorageLevels;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a frame, to train on or to validate on. Computed once although read several times,
 * for a second time might give other rows, or put one on both sides. Closing it frees them.
 */
public final class TextRows implements AutoCloseable {
  private final JavaRDD<String> marked;
  private final boolean persisted;

  private TextRows(JavaRDD<String> marked, boolean persisted) {
    this.marked = marked;
    this.persisted = persisted;
  }

  /**
   * The rows of a frame, which are not computed yet.
   *
   * @param textColumn the text, which may be null
   * @param validationColumn true on rows to validate on; false or null on others; null: no such
   *     column
   */
  public static TextRows of(
      Dataset<?> dataset, String textColumn, @Nullable String validationColumn) {
    Column validation =
        validationColumn == null
            ? lit(false)
            : coalesce(column(dataset, validationColumn), lit(false));
    JavaRDD<String> marked =
        dataset
            .select(column(dataset, textColumn), validation)
            .toJavaRDD()
            .map(
                row -> MarkedText.of(row.isNullAt(0) ? null : row.getString(0), row.getBoolean(1)));
    boolean persist = dataset.storageLevel().equals(StorageLevel.NONE());
    if (persist) {
      marked.persist(StorageLevels.MEMORY_AND_DISK_SER);
    }
    return new TextRows(marked, persist);
  }

  private static Column column(Dataset<?> dataset, String name) {
    return dataset.col("`" + name.replace("`", "``") + "`");
  }

  /** Texts to train on, nulls among them. */
  public JavaRDD<String> training() {
    return marked.filter(text -> !MarkedText.isValidation(text)).map(MarkedText::text);
  }

  /** Texts to validate on, nulls among them. */
  public JavaRDD<String> validation() {
    return marked.filter(MarkedText::isValidation).map(MarkedText::text);
  }

  @Override
  public void close() {
    if (persisted) {
      marked.unpersist(false);
    }
  }
}
