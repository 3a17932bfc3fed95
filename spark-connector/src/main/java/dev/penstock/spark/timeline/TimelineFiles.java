package dev.penstock.spark.timeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.TimeUnits;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.schedule.draw.ChromeTrace;
import dev.penstock.engine.schedule.draw.ScheduleDrawing;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a run's timeline: {@code trace.json} with all recorded steps, and {@code
 * timeline.svg} and {@code timeline.png} with the last pipeline step below its plan. In the plan
 * each action takes the time that it took there, and a tensor none from rank to rank: what differs
 * is what the runtime and communication cost.
 */
public final class TimelineFiles {
  private static final String TRACE = "trace.json";

  /** The drawing. */
  public static final String SVG = "timeline.svg";

  /** The same as a picture of pixels. */
  public static final String PNG = "timeline.png";

  /** Names of the files. */
  public static final List<String> NAMES = List.of(TRACE, SVG, PNG);

  private final HadoopFolder folder;
  private final PipelineSchedule schedule;

  /**
   * @param schedule the planned compute order
   */
  public TimelineFiles(HadoopFolder folder, PipelineSchedule schedule) {
    this.folder = folder;
    this.schedule = schedule;
  }

  /**
   * Writes the files.
   *
   * @param spansByRank what each pipeline rank of one replica recorded, of one step at least
   */
  public void write(List<List<TimelineSpan>> spansByRank) throws IOException {
    List<TimelineSpan> all = new ArrayList<>();
    List<TimelineSpan> last = new ArrayList<>();
    for (List<TimelineSpan> spans : spansByRank) {
      List<List<TimelineSpan>> passes = RecordedPasses.of(spans);
      passes.forEach(all::addAll);
      last.addAll(passes.get(passes.size() - 1));
    }
    Timeline planned = planned(last);
    write(TRACE, ChromeTrace.json(List.of(planned, measured("Measured", all))));
    List<Timeline> drawn = List.of(planned, measured("Measured: the last pipeline step", last));
    write(SVG, ScheduleDrawing.svg(drawn));
    folder.write(PNG, ScheduleDrawing.png(drawn));
  }

  private Timeline planned(List<TimelineSpan> measured) {
    Timeline plan =
        Simulator.timeline(
            Lowering.lower(schedule), CostModel.measured(schedule.numStages(), measured));
    List<TimelineSpan> computing =
        plan.spans().stream().filter(span -> span.action().type().isCompute()).toList();
    return new Timeline(
        "Planned: " + plan.title(), TimeUnits.MILLIS, plan.ppSize(), computing, plan.summary());
  }

  private Timeline measured(String title, List<TimelineSpan> spans) {
    return Timeline.measured(title, TimeUnits.MILLIS, schedule.ppSize(), spans);
  }

  private void write(String name, String text) throws IOException {
    folder.write(name, text.getBytes(UTF_8));
  }
}
