package dev.penstock.spark.interop;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Finds columns by Spark's own rules: {@code spark.sql.caseSensitive}, fields of structs by a dot,
 * backticks around names with dots, and none by a name that two columns have.
 */
public final class ColumnNames {
  /** How Spark's message begins; the accessor of the condition is called otherwise in Spark 3.5. */
  private static final String AMBIGUOUS = "[AMBIGUOUS_REFERENCE]";

  private ColumnNames() {}

  /**
   * The column of a frame, which may be a field within a struct. A name that is none to Spark, for
   * its dots perhaps, is taken as it stands if a column is called exactly so.
   *
   * @throws AnalysisException if there is no such column, or more than one
   */
  public static Column resolve(Dataset<?> frame, String name) throws AnalysisException {
    try {
      return frame.col(name);
    } catch (Exception e) {
      if (!isAmbiguous(e) && Arrays.asList(frame.columns()).contains(name)) {
        return frame.col("`" + name.replace("`", "``") + "`");
      }
      throw e;
    }
  }

  /**
   * The column's field in a schema, by the rules of the active session.
   *
   * @throws AnalysisException as above
   */
  public static StructField field(StructType schema, String name) throws AnalysisException {
    Dataset<Row> empty = SparkSession.active().createDataFrame(List.of(), schema);
    return empty.select(resolve(empty, name)).schema().fields()[0];
  }

  /** Whether a column was not found since several are called so. */
  public static boolean isAmbiguous(Exception e) {
    return e instanceof AnalysisException && e.getMessage().startsWith(AMBIGUOUS);
  }

  /** Whether two names are one to the active session. */
  public static boolean same(String first, String second) {
    boolean caseSensitive =
        Boolean.parseBoolean(SparkSession.active().conf().get("spark.sql.caseSensitive"));
    return caseSensitive ? first.equals(second) : first.equalsIgnoreCase(second);
  }
}
