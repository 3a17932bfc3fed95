package dev.penstock.spark.progress;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.spark.util.AccumulatorV2;

/**
 * Carries the latest reports from the reporting rank to the driver with every heartbeat. Bounded,
 * for a heartbeat carries the whole value; the full history comes with the rank's result.
 *
 * @param <R> what is reported: steps, or validations
 */
public final class ReportAccumulator<R extends Serializable>
    extends AccumulatorV2<R, RecentReports<R>> {
  private static final long serialVersionUID = 1L;
  private static final int MAX_REPORTS = 256;

  private final Deque<R> reports = new ArrayDeque<>();

  @Override
  public synchronized boolean isZero() {
    return reports.isEmpty();
  }

  @Override
  public synchronized ReportAccumulator<R> copy() {
    ReportAccumulator<R> copy = new ReportAccumulator<>();
    reports.forEach(copy::add);
    return copy;
  }

  @Override
  public synchronized void reset() {
    reports.clear();
  }

  @Override
  public synchronized void add(R report) {
    if (reports.size() == MAX_REPORTS) {
      reports.removeFirst();
    }
    reports.addLast(report);
  }

  @Override
  public void merge(AccumulatorV2<R, RecentReports<R>> other) {
    other.value().reports().forEach(this::add);
  }

  @Override
  public synchronized RecentReports<R> value() {
    return new RecentReports<>(List.copyOf(reports));
  }

  // The heartbeat thread serializes while the rank's thread adds.
  private synchronized void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
  }
}
