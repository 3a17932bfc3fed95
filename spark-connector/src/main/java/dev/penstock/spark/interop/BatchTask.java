package dev.penstock.spark.interop;

import dev.penstock.spark.interop.BatchFunction.RowPlace;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** The rows of one partition, with the columns that a {@link BatchFunction} adds. */
final class BatchTask implements Function2<Integer, Iterator<InternalRow>, Iterator<InternalRow>> {
  private static final long serialVersionUID = 1L;

  /**
   * What Spark's UI shows while it runs.
   *
   * @param rows that came out
   * @param done work, in units of the function
   * @param notFinite rows with a value that is no number
   */
  record Metrics(SQLMetric rows, SQLMetric done, SQLMetric notFinite) implements Serializable {}

  /** Whoever wants the first rows alone does not wait for a full batch. */
  private static final int FIRST_BATCH = 32;

  private static final int LARGEST_BATCH = 256;

  private final Expression input;
  private final Seq<Attribute> childOutput;
  private final Seq<Attribute> kept;
  private final Seq<Attribute> added;
  private final BatchFunction function;
  private final Metrics metrics;

  BatchTask(
      Expression input,
      Seq<Attribute> childOutput,
      Seq<Attribute> kept,
      Seq<Attribute> added,
      BatchFunction function,
      Metrics metrics) {
    this.input = input;
    this.childOutput = childOutput;
    this.kept = kept;
    this.added = added;
    this.function = function;
    this.metrics = metrics;
  }

  /** A value as Spark's own rows hold it. */
  private static Object sparks(Object value) {
    return value instanceof String text ? UTF8String.fromString(text) : value;
  }

  private static boolean isNotFinite(Object value) {
    return value instanceof Double number && !Double.isFinite(number);
  }

  @SuppressWarnings("unchecked") // erased by Scala's generics
  static Seq<Attribute> joined(Seq<Attribute> first, Seq<Attribute> second) {
    return (Seq<Attribute>) (Object) first.appendedAll(second);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // attributes are expressions
  private static UnsafeProjection projection(Seq<?> wanted, Seq<Attribute> from) {
    return UnsafeProjection.create((Seq) wanted, from);
  }

  @Override
  public Iterator<InternalRow> call(Integer partition, Iterator<InternalRow> source) {
    return new Batches(partition, source);
  }

  /** Computes batch by batch, as rows are asked for. */
  private final class Batches implements Iterator<InternalRow> {
    private final int partition;
    private final Iterator<InternalRow> source;
    private final UnsafeProjection text;
    private final UnsafeProjection keep;
    private final UnsafeProjection join;
    private final JoinedRow both = new JoinedRow();
    private Iterator<InternalRow> keptRows = Collections.emptyIterator();
    private Iterator<Object[]> values = Collections.emptyIterator();
    private int batchRows = FIRST_BATCH;
    private long begin;

    Batches(int partition, Iterator<InternalRow> source) {
      this.partition = partition;
      this.source = source;
      text =
          projection(
              CollectionConverters.asScala(List.of(BatchTask.this.input)).toList(), childOutput);
      keep = projection(kept, childOutput);
      join = projection(joined(kept, added), joined(kept, added));
    }

    @Override
    public boolean hasNext() {
      return keptRows.hasNext() || source.hasNext();
    }

    @Override
    public InternalRow next() {
      if (!keptRows.hasNext()) {
        nextBatch();
      }
      metrics.rows.add(1);
      Object[] computed = values.next();
      if (Arrays.stream(computed).anyMatch(BatchTask::isNotFinite)) {
        metrics.notFinite.add(1);
      }
      Arrays.setAll(computed, i -> sparks(computed[i]));
      both.apply(keptRows.next(), new GenericInternalRow(computed));
      return join.apply(both);
    }

    private void nextBatch() {
      if (!source.hasNext()) {
        throw new NoSuchElementException();
      }
      List<InternalRow> batch = new ArrayList<>();
      List<@Nullable String> texts = new ArrayList<>();
      while (batch.size() < batchRows && source.hasNext()) {
        InternalRow row = source.next();
        InternalRow value = text.apply(row);
        texts.add(value.isNullAt(0) ? null : value.getUTF8String(0).toString());
        batch.add(keep.apply(row).copy());
      }
      List<Object[]> computed =
          function.apply(texts, new RowPlace(partition, begin), metrics.done::add);
      if (computed.size() != batch.size()) {
        throw new IllegalStateException(
            String.format(Locale.ROOT, "%d rows for %d texts", computed.size(), batch.size()));
      }
      keptRows = batch.iterator();
      values = computed.iterator();
      begin += batch.size();
      batchRows = Math.min(2 * batchRows, LARGEST_BATCH);
    }
  }
}
