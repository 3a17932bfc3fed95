package dev.penstock.spark.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.FitListener;
import java.io.IOException;
import java.util.List;
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
    boolean step = event instanceof FitEvent.Stepped || event instanceof FitEvent.Validated;
    if (event instanceof FitEvent.Completed completed) {
      log.add(EventJson.of(event, timeline(completed)).toString(), false);
      HadoopFolder.of(completed.modelPath(), conf)
          .write(ModelContents.REPORT, page.report(withoutSteps()).getBytes(UTF_8));
    } else {
      log.add(EventJson.of(event, null).toString(), step);
    }
  }

  private @Nullable String timeline(FitEvent.Completed completed) throws IOException {
    return completed.timelinePath() == null
        ? null
        : HadoopFolder.of(completed.timelinePath(), conf).readText(TIMELINE);
  }

  /** The last event has all of them. */
  private List<EventLog.Entry> withoutSteps() {
    return log.all().stream().filter(entry -> !entry.step()).toList();
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
