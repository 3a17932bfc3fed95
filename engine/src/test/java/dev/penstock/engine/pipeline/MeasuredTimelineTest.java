package dev.penstock.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.runtime.TimelineRecorder;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.TimeUnits;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.schedule.draw.ChromeTrace;
import dev.penstock.engine.schedule.draw.ScheduleDrawing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class MeasuredTimelineTest {
  private record Measured(PipelineSchedule schedule, List<TimelineSpan> spans) {}

  private static List<Measured> measure() {
    return Ranks.run(
        2,
        rank -> LoopbackTransport.join("timeline", rank, 2, Duration.ofSeconds(20)),
        transport -> {
          TimelineRecorder recorder = new TimelineRecorder(transport.rank(), 1);
          PipelineOptions options =
              PipelineOptions.of("ZBVZeroBubble", 4).withActivationType(ScalarType.Double);
          try (Pipeline pipeline =
                  Pipeline.build(
                      StagedModel.of(4, TanhBlock::new),
                      PipelineRanks.SUM,
                      options,
                      transport,
                      recorder);
              Tensor inputs = PipelineRanks.inputs(8);
              Tensor targets = PipelineRanks.targets(8)) {
            pipeline.step(inputs, targets);
            assertThat(recorder.spans()).isEmpty();
            recorder.beginStep();
            pipeline.step(inputs, targets);
            recorder.beginStep();
            pipeline.step(inputs, targets);
            recorder.endStep();
            pipeline.step(inputs, targets);
            List<TimelineSpan> spans = recorder.spans();
            assertThat(recorder.lastPass()).isEqualTo(spans);
            assertLastPassOfAccumulationIsFound(recorder, () -> pipeline.step(inputs, targets));
            return new Measured(pipeline.schedule(), spans);
          }
        });
  }

  private static void assertLastPassOfAccumulationIsFound(
      TimelineRecorder recorder, Runnable pass) {
    recorder.beginStep();
    pass.run();
    pass.run();
    recorder.endStep();
    List<TimelineSpan> both = recorder.spans();
    assertThat(recorder.lastPass()).isEqualTo(both.subList(both.size() / 2, both.size()));
  }

  @Test
  void realStepsAreDrawnBesideThePlan() {
    List<Measured> ranks = measure();
    List<TimelineSpan> spans = new ArrayList<>();
    ranks.forEach(rank -> spans.addAll(rank.spans));
    PipelineSchedule schedule = ranks.get(0).schedule;
    Timeline measured = Timeline.measured("measured", TimeUnits.MILLIS, 2, spans);
    Timeline planned = Simulator.timeline(schedule, CostModel.unit(4)).withTitle("planned");

    for (int rank = 0; rank < 2; rank++) {
      int row = rank;
      assertThat(
              measured.spans().stream()
                  .filter(span -> span.rank() == row)
                  .map(TimelineSpan::action)
                  .filter(action -> action.type().isCompute()))
          .containsExactlyElementsOf(schedule.ranks().get(rank));
    }
    assertThat(ChromeTrace.json(List.of(planned, measured))).contains("\"traceEvents\"", "3W3");
    assertThat(ScheduleDrawing.svg(List.of(planned, measured))).contains("planned", "measured");
  }
}
