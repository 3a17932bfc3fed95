package dev.penstock.spark.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.FitListener;
import dev.penstock.spark.timeline.StepTimeline;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * The page of a fit. While the fit runs it is served, if that is wanted; in the end it is left
 * beside the model, with all that it shows in it.
 */
public final class LivePage implements FitListener {
  private static final String TIMELINE = "timeline.svg";

  private final Configuration conf;
  private final EventLog log = new EventLog();
  private final PageText page;
  private @Nullable PipelineSchedule schedule;
  private @Nullable PageServer server;

  public LivePage(Configuration conf) throws IOException {
    this.conf = conf;
    page = PageText.load();
  }

  /**
   * Begins to serve it.
   *
   * @param host address to listen at; a secret is part of the URL unless it is the loopback
   *     interface
   * @param port 0: any that is free
   * @return the URL
   */
  public String serve(String host, int port) throws IOException {
    PageServer started = PageServer.start(log, page, host, port);
    server = started;
    return started.url();
  }

  @Override
  public void on(FitEvent event) throws IOException {
    if (event instanceof FitEvent.Planned planned) {
      schedule = planned.schedule();
    }
    String timeline =
        event instanceof FitEvent.Measured measured && schedule != null
            ? timeline(measured, schedule)
            : event instanceof FitEvent.Completed completed ? timeline(completed) : null;
    log.add(EventJson.of(event, timeline).toString(), kind(event));
    if (event instanceof FitEvent.Completed completed) {
      HadoopFolder.of(completed.modelPath(), conf)
          .write(ModelContents.REPORT, page.report(withoutSteps()).getBytes(UTF_8));
    }
  }

  private static EventLog.Kind kind(FitEvent event) {
    if (event instanceof FitEvent.Measured) {
      return EventLog.Kind.STATE;
    }
    return event instanceof FitEvent.Stepped || event instanceof FitEvent.Validated
        ? EventLog.Kind.STEP
        : EventLog.Kind.STORY;
  }

  /** Nothing where a rank has more actions than it sends. */
  private static @Nullable String timeline(FitEvent.Measured measured, PipelineSchedule schedule) {
    if (measured.ranks().stream().anyMatch(rank -> rank.spans().isEmpty())) {
      return null;
    }
    return new StepTimeline(schedule)
        .svg(
            String.format(Locale.ROOT, "Measured: step %,d", measured.step()),
            measured.ranks().stream().flatMap(rank -> rank.spans().stream()).toList());
  }

  private @Nullable String timeline(FitEvent.Completed completed) throws IOException {
    return completed.timelinePath() == null
        ? null
        : HadoopFolder.of(completed.timelinePath(), conf).readText(TIMELINE);
  }

  /** The last event has all of them. */
  private List<EventLog.Entry> withoutSteps() {
    return log.all().stream().filter(entry -> entry.kind() != EventLog.Kind.STEP).toList();
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
