package dev.penstock.spark.interop;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The operator that adds the columns of a {@link BatchFunction}. Spark copies operators by calling
 * the constructor with their product elements, so both must stay alike, and both public.
 */
public final class BatchExec extends SparkPlan {
  private static final long serialVersionUID = 1L;
  private static final String ROWS = "numOutputRows";
  private static final String DONE = "done";
  private static final String LOST = "numNotFiniteRows";

  private final Expression input;
  private final Seq<Attribute> kept;
  private final Seq<Attribute> added;
  private final String name;
  private final BatchFunction function;
  private final SparkPlan child;
  private final transient Map<String, SQLMetric> metrics;

  /**
   * An operator.
   *
   * @param input what the function is given, a string expression over the child's columns
   * @param kept columns of the child that go on
   * @param added columns that the function computes
   * @param name of the function
   */
  public BatchExec(
      Expression input,
      Seq<Attribute> kept,
      Seq<Attribute> added,
      String name,
      BatchFunction function,
      SparkPlan child) {
    this.input = input;
    this.kept = kept;
    this.added = added;
    this.name = name;
    this.function = function;
    this.child = child;
    metrics =
        new Map.Map3<>(
            ROWS,
            SQLMetrics.createMetric(sparkContext(), "number of output rows"),
            DONE,
            SQLMetrics.createMetric(sparkContext(), function.unit()),
            LOST,
            SQLMetrics.createMetric(sparkContext(), "rows with values that are not finite"));
  }

  @Override
  public RDD<InternalRow> doExecute() {
    BatchTask task =
        new BatchTask(
            input,
            child.output(),
            kept,
            added,
            function,
            new BatchTask.Metrics(longMetric(ROWS), longMetric(DONE), longMetric(LOST)));
    return child.execute().toJavaRDD().mapPartitionsWithIndex(task, true).rdd();
  }

  @Override
  public Map<String, SQLMetric> metrics() {
    return metrics;
  }

  @Override
  public Seq<Attribute> output() {
    return BatchTask.joined(kept, added);
  }

  @Override
  public AttributeSet producedAttributes() {
    return AttributeSet$.MODULE$.fromAttributeSets(
        CollectionConverters.asScala(
            CollectionConverters.asJava(added).stream().map(Attribute::references).toList()));
  }

  @Override
  public Partitioning outputPartitioning() {
    return child.outputPartitioning();
  }

  @Override
  public Seq<SparkPlan> children() {
    return CollectionConverters.asScala(List.of(child)).toList();
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> children) {
    return new BatchExec(input, kept, added, name, function, children.head());
  }

  @Override
  public String simpleString(int maxFields) {
    return "%s %s(%s) -> %s"
        .formatted(nodeName(), name, input.sql(), added.mkString("[", ", ", "]"));
  }

  private Object[] elements() {
    return new Object[] {input, kept, added, name, function, child};
  }

  @Override
  public int productArity() {
    return elements().length;
  }

  @Override
  public Object productElement(int n) {
    return elements()[n];
  }

  @Override
  public boolean canEqual(Object that) {
    return that instanceof BatchExec;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BatchExec that && Arrays.equals(elements(), that.elements());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(elements());
  }
}
