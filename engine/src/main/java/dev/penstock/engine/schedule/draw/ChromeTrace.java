package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import java.util.List;
import java.util.Locale;

/**
 * Timelines in the Trace Event Format, to be opened in chrome://tracing or Perfetto: a timeline is
 * a process, a rank a thread, an action a complete event.
 */
public final class ChromeTrace {
  private ChromeTrace() {}

  /** The JSON text of a trace. */
  public static String json(List<Timeline> timelines) {
    StringBuilder json = new StringBuilder("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    for (int pid = 0; pid < timelines.size(); pid++) {
      Timeline timeline = timelines.get(pid);
      appendName(json, "process_name", pid, 0, timeline.title());
      for (int rank = 0; rank < timeline.ppSize(); rank++) {
        appendName(json.append(",\n"), "thread_name", pid, rank, "Rank " + rank);
      }
      for (TimelineSpan span : timeline.spans()) {
        appendSpan(json.append(",\n"), pid, span, timeline);
      }
      json.append(pid + 1 < timelines.size() ? ",\n" : "\n");
    }
    return json.append("]}\n").toString();
  }

  private static void appendName(StringBuilder json, String kind, int pid, int tid, String name) {
    json.append("{\"name\":\"").append(kind).append("\",\"ph\":\"M\",\"pid\":").append(pid);
    json.append(",\"tid\":").append(tid).append(",\"args\":{\"name\":\"");
    json.append(escape(name)).append("\"}}");
  }

  private static void appendSpan(
      StringBuilder json, int pid, TimelineSpan span, Timeline timeline) {
    Action action = span.action();
    double micros = timeline.units().microsPerUnit();
    json.append("{\"name\":\"").append(action).append("\",\"cat\":\"").append(action.type());
    json.append("\",\"ph\":\"X\",\"ts\":");
    json.append(Captions.number((span.begin() - timeline.begin()) * micros));
    json.append(",\"dur\":").append(Captions.number((span.end() - span.begin()) * micros));
    json.append(",\"pid\":").append(pid).append(",\"tid\":").append(span.rank());
    json.append(",\"args\":{\"stage\":").append(action.stage());
    json.append(",\"microbatch\":").append(action.microbatch()).append("}}");
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else if (c < ' ') {
        escaped.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
