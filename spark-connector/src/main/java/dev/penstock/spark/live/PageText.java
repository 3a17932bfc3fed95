package dev.penstock.spark.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The page as one HTML text that refers to nothing outside itself. */
final class PageText {
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

  private final String before;
  private final String after;

  private PageText(String before, String after) {
    this.before = before;
    this.after = after;
  }

  static PageText load() throws IOException {
    String page =
        resource("page.html")
            .replace("/*uplot.css*/", resource(UPLOT + "uPlot.min.css"))
            .replace("/*page.css*/", resource("page.css"))
            .replace("/*uplot.js*/", resource(UPLOT + "uPlot.iife.min.js"))
            .replace("/*page.js*/", resource("page.js"));
    String mark = "/*data*/";
    int at = page.indexOf(mark);
    return new PageText(page.substring(0, at), page.substring(at + mark.length()));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = PageText.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new NoSuchFileException(name + " is not in the jar");
      }
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  /** The page as it is left beside a model. */
  String report(List<EventLog.Entry> events) {
    return page(events, false);
  }

  /** The page as it is served: it asks for the events to come. */
  String live(List<EventLog.Entry> events) {
    return page(events, true);
  }

  private String page(List<EventLog.Entry> events, boolean live) {
    long last = events.isEmpty() ? 0 : events.get(events.size() - 1).number();
    String list = events.stream().map(EventLog.Entry::json).collect(Collectors.joining(",\n"));
    String data =
        String.format(
            Locale.ROOT, "{\"live\":%b,\"last\":%d,\"events\":[\n%s\n]}", live, last, list);
    return before + data.replace("<", "\\u003c") + after; // no event can end the script
  }
}
