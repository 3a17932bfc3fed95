package dev.penstock.spark.interop;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.inline;
import static org.apache.spark.sql.functions.udf;

import dev.penstock.spark.interop.BatchFunction.RowPlace;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Columns that a {@link BatchFunction} adds to a frame, as an expression of it: Spark's optimizer
 * sees that one column is read and others are added, so it prunes columns, puts filters of other
 * columns below, and no other column passes through Java.
 *
 * <p>Logically they are {@code inline(array(udf(column)))}, which is public API. A plain projection
 * would be too, but Spark puts a filter of its columns below it and then computes them twice; a
 * generator is computed once. A strategy of the session plans that very expression by {@link
 * BatchExec}, which gives the function many rows at a time. Should a Spark have other internals
 * than the strategy knows, the expression stays what it is, and the function gets one row at a
 * time.
 */
public final class BatchColumns {
  private static final Logger log = LoggerFactory.getLogger(BatchColumns.class);

  private BatchColumns() {}

  /**
   * The frame with further columns.
   *
   * @param input the function's input, of the frame
   * @param added the further columns
   * @param name what plans call the function
   */
  public static Dataset<Row> append(
      Dataset<?> frame, Column input, StructType added, String name, BatchFunction function) {
    UDF1<String, Row> single =
        text -> {
          List<Object[]> values =
              function.apply(Collections.singletonList(text), RowPlace.UNKNOWN, done -> {});
          return RowFactory.create(values.get(0));
        };
    String uniqueName = name + "_" + UUID.randomUUID().toString().substring(0, 8);
    Column struct = udf(single, added).withName(uniqueName).asNonNullable().apply(input);
    BatchFunctions.put(uniqueName, function);
    planInBatches(frame.sparkSession());
    return frame.toDF().select(col("*"), inline(array(struct)).as(added.fieldNames()));
  }

  private static void planInBatches(SparkSession session) {
    try {
      BatchStrategy.addTo(session);
    } catch (LinkageError | UnsupportedOperationException e) {
      log.warn("This Spark plans rows one by one, which is slower: {}", e.toString());
    }
  }
}
