package dev.penstock.spark.timeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.engine.schedule.PipelineSchedule;
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
 * timeline.svg} and {@code timeline.png} with the last pipeline step below its plan.
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
    StepTimeline timeline = new StepTimeline(schedule);
    write(
        TRACE,
        ChromeTrace.json(List.of(timeline.planned(last), timeline.measured("Measured", all))));
    List<Timeline> drawn = timeline.beside("Measured: the last pipeline step", last);
    write(SVG, ScheduleDrawing.svg(drawn));
    folder.write(PNG, ScheduleDrawing.png(drawn));
  }

  private void write(String name, String text) throws IOException {
    folder.write(name, text.getBytes(UTF_8));
  }
}
