package dev.penstock.spark.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.ColumnNames;
import java.util.UUID;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/**
 * The rows of a frame, to train on or to validate on: a frame of the columns {@value #ROW}
 * (string), {@value #WEIGHT} (double, null without weights) and {@value #KIND} (name of a {@link
 * RowKind}). Computed once although read several times, for a second time might give other rows, or
 * put one on both sides. Closing it frees them.
 */
public final class IngestRows implements AutoCloseable {
  static final String ROW = "row";
  static final String WEIGHT = "weight";
  static final String KIND = "kind";

  private static final String VALIDATION = "validation";

  /** Spark takes two equal plans for one, and frees both: two fits of one frame differ by this. */
  private static final String OWNER = "owner";

  private final Dataset<Row> rows;
  private final boolean persisted;

  private IngestRows(Dataset<Row> rows, boolean persisted) {
    this.rows = rows;
    this.persisted = persisted;
  }

  /** The rows of a frame, which are not computed yet. */
  public static IngestRows of(Dataset<?> dataset, RowSource source) {
    Dataset<Row> rows = columns(dataset, source);
    boolean persist = dataset.storageLevel().equals(StorageLevel.NONE());
    return persist ? persisted(rows) : new IngestRows(rows, false);
  }

  /** The same without those to train on: they are not kept. */
  public static IngestRows toValidate(Dataset<?> dataset, RowSource source) {
    return persisted(columns(dataset, source).filter(col(VALIDATION)));
  }

  /** Rows to train on, in the partitions of the frame, computed whenever they are asked for. */
  static Dataset<Row> inPlace(Dataset<?> dataset, RowSource source) {
    return new IngestRows(columns(dataset, source), false).training();
  }

  private static IngestRows persisted(Dataset<Row> rows) {
    return new IngestRows(
        rows.withColumn(OWNER, lit(UUID.randomUUID().toString()))
            .persist(StorageLevel.MEMORY_AND_DISK()),
        true);
  }

  private static Dataset<Row> columns(Dataset<?> dataset, RowSource source) {
    Column validation =
        source.validation() == null
            ? lit(false)
            : coalesce(column(dataset, source.validation()), lit(false));
    Column weight = source.weighted() ? column(dataset, source.weight()) : lit(null);
    return dataset
        .select(
            source.row().as(ROW),
            weight.cast(DataTypes.DoubleType).as(WEIGHT),
            validation.as(VALIDATION))
        .withColumn(KIND, RowKind.of(col(ROW), col(WEIGHT), source.weighted()));
  }

  private static Column column(Dataset<?> dataset, String name) {
    try {
      return ColumnNames.resolve(dataset, name);
    } catch (AnalysisException e) {
      throw new ConfigException("There is no column '%s'.".formatted(name), e);
    }
  }

  /** Rows to train on, for {@link RowIngest}. */
  public Dataset<Row> training() {
    return rows.filter(col(VALIDATION).equalTo(false)).select(ROW, WEIGHT, KIND);
  }

  /** Rows to validate on, for {@link RowIngest}. */
  public Dataset<Row> validation() {
    return rows.filter(col(VALIDATION)).select(ROW, WEIGHT, KIND);
  }

  @Override
  public void close() {
    if (persisted) {
      rows.unpersist(false);
    }
  }
}
