package dev.penstock.spark.timeline;

import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.StageCost;
import dev.penstock.engine.schedule.TimelineSpan;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the stages cost as it was measured: the mean of each action on each stage. A rank may run a
 * planned I and its W as one B; then each is taken as half of it.
 */
final class MeasuredCosts {
  private final List<TimelineSpan> spans;

  private MeasuredCosts(List<TimelineSpan> spans) {
    this.spans = spans;
  }

  static CostModel of(int numStages, List<TimelineSpan> spans) {
    MeasuredCosts costs = new MeasuredCosts(spans);
    return new CostModel(IntStream.range(0, numStages).mapToObj(costs::stage).toList());
  }

  private StageCost stage(int stage) {
    DoubleSummaryStatistics input = times(stage, ActionType.I);
    DoubleSummaryStatistics weight = times(stage, ActionType.W);
    DoubleSummaryStatistics full = times(stage, ActionType.B);
    double half = full.getAverage() / 2;
    return new StageCost(
        times(stage, ActionType.F).getAverage(),
        input.getCount() == 0 ? half : input.getAverage(),
        weight.getCount() == 0 ? half : weight.getAverage(),
        full.getCount() == 0 ? input.getAverage() + weight.getAverage() : full.getAverage(),
        0,
        0);
  }

  private DoubleSummaryStatistics times(int stage, ActionType type) {
    return spans.stream()
        .filter(span -> span.action().stage() == stage && span.action().type() == type)
        .mapToDouble(span -> span.end() - span.begin())
        .summaryStatistics();
  }
}
