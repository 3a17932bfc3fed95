package dev.penstock.engine.schedule;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * When each rank did what: planned by the {@link Simulator}, or measured in a real step. Both are
 * drawn alike.
 *
 * @param title what is shown
 * @param units what the times count
 * @param ppSize number of ranks, each a row
 * @param spans the actions, by rank and time
 * @param summary the times and the peak activations to go with them
 */
public record Timeline(
    String title, TimeUnits units, int ppSize, List<TimelineSpan> spans, Simulation summary) {
  public Timeline {
    requireNonNull(title, "title is null");
    requireNonNull(units, "units is null");
    requireNonNull(summary, "summary is null");
    spans =
        spans.stream()
            .sorted(
                Comparator.comparingInt(TimelineSpan::rank)
                    .thenComparingDouble(TimelineSpan::begin))
            .toList();
    for (TimelineSpan span : spans) {
      if (span.rank() < 0 || span.rank() >= ppSize) {
        throw new IllegalArgumentException(
            span.action() + " is on rank " + span.rank() + ", but there are " + ppSize + " ranks");
      }
    }
  }

  /** A timeline that was measured; its summary is that of the spans that compute. */
  public static Timeline measured(
      String title, TimeUnits units, int ppSize, List<TimelineSpan> spans) {
    Simulation nothing = new Simulation(0, List.of(), List.of(), List.of());
    Timeline sorted = new Timeline(title, units, ppSize, spans, nothing);
    return new Timeline(title, units, ppSize, sorted.spans, sorted.summarize());
  }

  /** The same timeline under another title. */
  public Timeline withTitle(String newTitle) {
    return new Timeline(newTitle, units, ppSize, spans, summary);
  }

  /** The earliest begin. */
  public double begin() {
    return spans.stream().mapToDouble(TimelineSpan::begin).min().orElse(0);
  }

  /** The latest end. */
  public double end() {
    return spans.stream().mapToDouble(TimelineSpan::end).max().orElse(0);
  }

  private Simulation summarize() {
    double makespan = end() - begin();
    double[] busy = new double[ppSize];
    ActivationCount activations = new ActivationCount(ppSize);
    for (TimelineSpan span : spans) {
      if (span.action().type().isCompute()) {
        busy[span.rank()] += span.end() - span.begin();
        span.action().leaves().forEach(leaf -> activations.add(span.rank(), leaf.type()));
      }
    }
    List<Double> busyTimes = new ArrayList<>();
    List<Double> idleTimes = new ArrayList<>();
    for (double time : busy) {
      busyTimes.add(time);
      idleTimes.add(makespan - time);
    }
    return new Simulation(makespan, busyTimes, idleTimes, activations.peaks());
  }
}
