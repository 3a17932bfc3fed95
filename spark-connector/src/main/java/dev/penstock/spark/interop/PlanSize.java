package dev.penstock.spark.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LeafNode;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Repartition;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sample;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Statistics;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.InMemoryFileIndex;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * What Spark knows of a frame's size without running it: the sizes of what it reads, where its rows
 * are those of what it reads, or fewer.
 *
 * @param bytes of what is read, all columns of it
 * @param rows of it; empty: not known
 * @param most rows that the frame has at most; empty: as many as are read
 * @param fewer whether filters or samples leave rows out, nobody knows how many
 * @param files that are read, all of one format; null: not known
 */
public record PlanSize(
    long bytes, OptionalLong rows, OptionalLong most, boolean fewer, @Nullable Files files) {
  /**
   * Files that a frame reads.
   *
   * @param format as Spark calls it, such as {@code text}
   * @param paths URIs of them
   */
  public record Files(String format, List<String> paths) {
    public Files {
      paths = List.copyOf(paths);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(PlanSize.class);

  /** Each row that comes out has come in, with other columns at most. */
  private static final Set<Class<?>> SAME_ROWS =
      Set.of(
          Project.class,
          Union.class,
          Sort.class,
          Repartition.class,
          RepartitionByExpression.class,
          GlobalLimit.class,
          LocalLimit.class);

  private static final Set<Class<?>> FEWER_ROWS = Set.of(Filter.class, Sample.class);

  /** Whether the rows are in the driver's memory, so that collecting them starts no job. */
  public static boolean isLocal(Dataset<?> frame) {
    return frame.queryExecution().optimizedPlan() instanceof LocalRelation;
  }

  /** The size of a frame; null: this is not known without running it. */
  public static @Nullable PlanSize of(Dataset<?> frame) {
    try {
      return read(frame.queryExecution().optimizedPlan());
    } catch (LinkageError e) { // plans are private to Spark
      log.info("This Spark does not tell the size of a frame: {}", e.toString());
      return null;
    }
  }

  private static @Nullable PlanSize read(LogicalPlan root) {
    List<LogicalPlan> leaves = new ArrayList<>();
    boolean fewer = false;
    int number = 0;
    // By their numbers, for the collection of a node's children is another one in Scala 2.12.
    for (TreeNode<?> node = root; node != null; node = root.apply(++number)) {
      fewer |= FEWER_ROWS.contains(node.getClass());
      if (node instanceof LeafNode) {
        leaves.add((LogicalPlan) node);
      } else if (node instanceof LogicalPlan
          && !SAME_ROWS.contains(node.getClass())
          && !FEWER_ROWS.contains(node.getClass())) {
        return null;
      }
    }
    return sum(leaves, maxRows(root), fewer);
  }

  private static OptionalLong maxRows(LogicalPlan plan) {
    Option<Object> most = plan.maxRows();
    return most.isDefined() ? OptionalLong.of((Long) most.get()) : OptionalLong.empty();
  }

  private static @Nullable PlanSize sum(
      List<LogicalPlan> leaves, OptionalLong most, boolean fewer) {
    long bytes = 0;
    long rows = 0;
    boolean counted = true;
    Files files = null;
    boolean ofFiles = true;
    for (LogicalPlan leaf : leaves) {
      Statistics statistics = leaf.stats();
      if (!statistics.sizeInBytes().isValidLong()
          || statistics.sizeInBytes().toLong() >= SQLConf.get().defaultSizeInBytes()) {
        return null;
      }
      bytes += statistics.sizeInBytes().toLong();
      counted &= statistics.rowCount().isDefined();
      rows += counted ? statistics.rowCount().get().toLong() : 0;
      Files own = files(leaf);
      ofFiles &= own != null && (files == null || files.format.equals(own.format));
      files = ofFiles ? both(files, own) : null;
    }
    return new PlanSize(
        bytes, counted ? OptionalLong.of(rows) : OptionalLong.empty(), most, fewer, files);
  }

  private static @Nullable Files both(@Nullable Files some, @Nullable Files more) {
    if (some == null || more == null) {
      return more;
    }
    List<String> paths = new ArrayList<>(some.paths);
    paths.addAll(more.paths);
    return new Files(some.format, paths);
  }

  /** Those that Spark has listed already; to list a catalog's partitions may take long. */
  private static @Nullable Files files(LogicalPlan leaf) {
    return leaf instanceof LogicalRelation relation
            && relation.relation() instanceof HadoopFsRelation files
            && files.location() instanceof InMemoryFileIndex index
            && files.fileFormat() instanceof DataSourceRegister format
        ? new Files(format.shortName(), List.of(index.inputFiles()))
        : null;
  }
}
