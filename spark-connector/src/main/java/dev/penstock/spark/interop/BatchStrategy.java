package dev.penstock.spark.interop;

import java.util.List;
import org.apache.spark.sql.ExperimentalMethods;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.CreateArray;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Inline;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Plans the expressions of {@link BatchColumns} by {@link BatchExec}, and everything else not. */
final class BatchStrategy extends SparkStrategy {
  private static final Logger log = LoggerFactory.getLogger(BatchStrategy.class);

  private BatchStrategy() {}

  /** Adds the strategy to a session, unless it has it. */
  static synchronized void addTo(SparkSession session) {
    ExperimentalMethods methods = session.experimental();
    List<SparkStrategy> strategies = CollectionConverters.asJava(methods.extraStrategies());
    if (strategies.stream().noneMatch(BatchStrategy.class::isInstance)) {
      methods.extraStrategies_$eq(seq(methods.extraStrategies().appended(new BatchStrategy())));
    }
  }

  @Override
  public Seq<SparkPlan> apply(LogicalPlan plan) {
    try {
      SparkPlan planned = planned(plan);
      return seq(planned == null ? List.of() : List.of(planned));
    } catch (LinkageError e) {
      log.warn("This Spark plans rows one by one, which is slower: {}", e.toString());
      return seq(List.of());
    }
  }

  private @Nullable SparkPlan planned(LogicalPlan plan) {
    if (plan instanceof Project project
        && project.child() instanceof Generate generate
        && match(generate) != null
        && isUnused(generate, project)) {
      return planLater(new Project(project.projectList(), generate.child()));
    }
    if (plan instanceof Generate generate) {
      ScalaUDF call = match(generate);
      BatchFunction function = call == null ? null : BatchFunctions.get(call.udfName().get());
      return function == null
          ? null
          : new BatchExec(
              call.children().head(),
              generate.requiredChildOutput(),
              generate.generatorOutput(),
              call.udfName().get(),
              function,
              planLater(generate.child()));
    }
    return null;
  }

  /** The call in {@code inline(array(call(column)))}; null: it is something else. */
  private static @Nullable ScalaUDF match(Generate generate) {
    if (!generate.outer()
        && generate.generator() instanceof Inline inline
        && inline.child() instanceof CreateArray array
        && array.children().size() == 1
        && array.children().head() instanceof ScalaUDF call
        && call.udfName().isDefined()
        && call.children().size() == 1
        && BatchFunctions.get(call.udfName().get()) != null) {
      return call;
    }
    return null;
  }

  /** A generator gives one row a row here, so one that nobody reads need not be computed. */
  private static boolean isUnused(Generate generate, Project project) {
    List<Attribute> added = CollectionConverters.asJava(generate.generatorOutput());
    return CollectionConverters.asJava(project.projectList()).stream()
        .map(expression -> ((Expression) expression).references())
        .noneMatch(references -> added.stream().anyMatch(references::contains));
  }

  @SuppressWarnings("unchecked") // erased by Scala's generics
  private static <T> Seq<T> seq(Object elements) {
    return elements instanceof List<?> list
        ? (Seq<T>) CollectionConverters.asScala(list).toList()
        : (Seq<T>) elements;
  }
}
