package dev.penstock.spark.interop;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import scala.Tuple4;
import scala.collection.Iterable;
import scala.collection.Iterator;

/** Reads what running tasks report with an executor's heartbeat. */
public final class Heartbeats {
  /** By its place: the type that the accessor returns differs from one Scala to the next. */
  private static final int ACCUMULATORS = 1;

  private Heartbeats() {}

  /** The running value of one accumulator in each task that the heartbeat tells of. */
  public static List<Object> values(
      SparkListenerExecutorMetricsUpdate heartbeat, long accumulatorId) {
    List<Object> values = new ArrayList<>();
    Iterator<Tuple4<Object, Object, Object, Iterable<AccumulableInfo>>> tasks =
        iterator(heartbeat.productElement(ACCUMULATORS));
    while (tasks.hasNext()) {
      Iterator<AccumulableInfo> accumulators = tasks.next()._4().iterator();
      while (accumulators.hasNext()) {
        AccumulableInfo accumulator = accumulators.next();
        if (accumulator.id() == accumulatorId && accumulator.update().isDefined()) {
          values.add(accumulator.update().get());
        }
      }
    }
    return values;
  }

  @SuppressWarnings("unchecked") // erased
  private static <T> Iterator<T> iterator(Object elements) {
    return ((Iterable<T>) elements).iterator();
  }
}
