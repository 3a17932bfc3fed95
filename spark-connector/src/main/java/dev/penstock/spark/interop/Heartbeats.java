package dev.penstock.spark.interop;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import scala.Tuple4;
import scala.collection.Iterator;
import scala.collection.Seq;

/** Reads what running tasks report with an executor's heartbeat. */
public final class Heartbeats {
  private Heartbeats() {}

  /** The running value of one accumulator in each task that the heartbeat tells of. */
  public static List<Object> values(
      SparkListenerExecutorMetricsUpdate heartbeat, long accumulatorId) {
    List<Object> values = new ArrayList<>();
    Iterator<Tuple4<Object, Object, Object, Seq<AccumulableInfo>>> tasks =
        iterator(heartbeat.accumUpdates());
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

  @SuppressWarnings({"unchecked", "rawtypes"}) // the inner Seq is an immutable one: read only
  private static Iterator<Tuple4<Object, Object, Object, Seq<AccumulableInfo>>> iterator(
      Seq<?> updates) {
    return (Iterator) updates.iterator();
  }
}
