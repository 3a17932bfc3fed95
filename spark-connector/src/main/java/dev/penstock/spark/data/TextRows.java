package dev.penstock.spark.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.lit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.ColumnNames;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.StorageLevels;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a frame, to train on or to validate on. Computed once although read several times,
 * for a second time might give other rows, or put one on both sides. Closing it frees them.
 */
public final class TextRows implements AutoCloseable {
  private final JavaRDD<String> marked;
  private final boolean persisted;

  private TextRows(JavaRDD<String> marked, boolean persisted) {
    this.marked = marked;
    this.persisted = persisted;
  }

  /** The rows of a frame, which are not computed yet. */
  public static TextRows of(Dataset<?> dataset, RowSource columns) {
    Column validation =
        columns.validation() == null
            ? lit(false)
            : coalesce(column(dataset, columns.validation()), lit(false));
    Column weight = columns.weight() == null ? lit(null) : column(dataset, columns.weight());
    Function<Row, String> mark =
        columns.weighted() ? TextRows::withWeight : TextRows::withoutWeight;
    JavaRDD<String> marked =
        dataset
            .select(columns.row(), validation, weight.cast(DataTypes.DoubleType))
            .toJavaRDD()
            .map(mark);
    boolean persist = dataset.storageLevel().equals(StorageLevel.NONE());
    if (persist) {
      marked.persist(StorageLevels.MEMORY_AND_DISK_SER);
    }
    return new TextRows(marked, persist);
  }

  private static String withoutWeight(Row row) {
    return MarkedText.of(text(row), row.getBoolean(1));
  }

  private static String withWeight(Row row) {
    return MarkedText.of(text(row), row.getBoolean(1), row.isNullAt(2) ? null : row.getDouble(2));
  }

  private static @Nullable String text(Row row) {
    return row.isNullAt(0) ? null : row.getString(0);
  }

  private static Column column(Dataset<?> dataset, String name) {
    try {
      return ColumnNames.resolve(dataset, name);
    } catch (AnalysisException e) {
      throw new ConfigException("There is no column '%s'.".formatted(name), e);
    }
  }

  /** Rows to train on, for {@link TextIngest}. */
  public JavaRDD<String> training() {
    return marked.filter(row -> !MarkedText.isValidation(row));
  }

  /** Rows to validate on, for {@link TextIngest}. */
  public JavaRDD<String> validation() {
    return marked.filter(MarkedText::isValidation);
  }

  @Override
  public void close() {
    if (persisted) {
      marked.unpersist(false);
    }
  }
}
