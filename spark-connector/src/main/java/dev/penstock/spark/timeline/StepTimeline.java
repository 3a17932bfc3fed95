package dev.penstock.spark.timeline;

import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.TimeUnits;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.schedule.draw.ScheduleDrawing;
import java.util.List;

/**
 * A measured pipeline step and its plan. In the plan each action takes the time that it took there,
 * and a tensor none from rank to rank: what differs is what the runtime and communication cost.
 *
 * @param schedule the planned compute order
 */
public record StepTimeline(PipelineSchedule schedule) {
  /**
   * Draws a step below its plan, as SVG.
   *
   * @param title of what was measured
   * @param spans of all ranks, of one pipeline step
   */
  public String svg(String title, List<TimelineSpan> spans) {
    return ScheduleDrawing.svg(beside(title, spans));
  }

  List<Timeline> beside(String title, List<TimelineSpan> spans) {
    return List.of(planned(spans), measured(title, spans));
  }

  Timeline planned(List<TimelineSpan> measured) {
    Timeline plan =
        Simulator.timeline(
            Lowering.lower(schedule), CostModel.measured(schedule.numStages(), measured));
    List<TimelineSpan> computing =
        plan.spans().stream().filter(span -> span.action().type().isCompute()).toList();
    return new Timeline(
        "Planned: " + plan.title(), TimeUnits.MILLIS, plan.ppSize(), computing, plan.summary());
  }

  Timeline measured(String title, List<TimelineSpan> spans) {
    return Timeline.measured(title, TimeUnits.MILLIS, schedule.ppSize(), spans);
  }
}
