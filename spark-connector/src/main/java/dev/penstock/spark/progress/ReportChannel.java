package dev.penstock.spark.progress;

import dev.penstock.spark.interop.JavaBytes;
import java.io.Serializable;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.SparkContext;
import org.apache.spark.util.CollectionAccumulator;

/**
 * Carries the latest reports of a kind from a rank to the driver with every heartbeat, and shows
 * the newest in Spark's UI. Made of Spark's own classes, for the threads of the driver that receive
 * heartbeats do not see the jars that a session has added. Bounded, for a heartbeat carries the
 * whole value; the full history comes with the rank's result.
 *
 * @param <R> what is reported: steps, or validations
 */
final class ReportChannel<R extends Serializable> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Class<R> type;
  private final int capacity;
  private final CollectionAccumulator<byte[]> reports = new CollectionAccumulator<>();
  private final CollectionAccumulator<String> newest = new CollectionAccumulator<>();
  private int held;

  /**
   * An empty one.
   *
   * @param capacity reports that it keeps at least; twice as many at most
   */
  ReportChannel(Class<R> type, int capacity) {
    this.type = type;
    this.capacity = capacity;
  }

  /** Makes it known to Spark; on the driver. */
  void register(SparkContext spark, String name) {
    spark.register(reports); // Spark's UI shows those with a name
    spark.register(newest, name);
  }

  /**
   * Reports, on a rank's thread.
   *
   * @param words what Spark's UI shows of a report
   */
  synchronized void add(R report, Function<R, String> words) {
    if (held == 2 * capacity) {
      List<byte[]> latest = reports.value();
      reports.reset();
      latest.subList(held - capacity, held).forEach(reports::add);
      held = capacity;
    }
    reports.add(JavaBytes.of(report));
    held++;
    newest.reset();
    newest.add(words.apply(report));
  }

  /** The accumulator that a heartbeat brings. */
  long id() {
    return reports.id();
  }

  /** The reports that a rank has kept, oldest first; on that rank. */
  List<R> kept() {
    return read(reports.value());
  }

  /** The reports in a value of the accumulator, oldest first. */
  List<R> read(Object value) {
    return ((List<?>) value).stream().map(bytes -> JavaBytes.read((byte[]) bytes, type)).toList();
  }

  /** What Spark's UI shows. */
  String shown() {
    return String.valueOf(newest.value());
  }
}
