package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.spark.util.AccumulatorV2;

/**
 * Carries the latest steps from the reporting rank to the driver with every heartbeat. Bounded, for
 * a heartbeat carries the whole value; the full history comes with the rank's result.
 */
public final class StepAccumulator extends AccumulatorV2<StepReport, RecentSteps> {
  private static final long serialVersionUID = 1L;
  private static final int MAX_STEPS = 256;

  private final Deque<StepReport> steps = new ArrayDeque<>();

  @Override
  public synchronized boolean isZero() {
    return steps.isEmpty();
  }

  @Override
  public synchronized StepAccumulator copy() {
    StepAccumulator copy = new StepAccumulator();
    steps.forEach(copy::add);
    return copy;
  }

  @Override
  public synchronized void reset() {
    steps.clear();
  }

  @Override
  public synchronized void add(StepReport step) {
    if (steps.size() == MAX_STEPS) {
      steps.removeFirst();
    }
    steps.addLast(step);
  }

  @Override
  public void merge(AccumulatorV2<StepReport, RecentSteps> other) {
    other.value().steps().forEach(this::add);
  }

  @Override
  public synchronized RecentSteps value() {
    return new RecentSteps(List.copyOf(steps));
  }

  // The heartbeat thread serializes while the rank's thread adds.
  private synchronized void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
  }
}
