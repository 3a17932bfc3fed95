package dev.penstock.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.TimelineSpan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads what the ranks did out of the trace that a fit leaves with timelineSteps. */
final class TraceSpans {
  /** In the trace the plan is process 0. */
  private static final int MEASURED = 1;

  private TraceSpans() {}

  /** The measured spans of each rank, in ms. */
  static List<List<TimelineSpan>> read(Path trace, int ppSize) throws IOException {
    List<List<TimelineSpan>> ranks = new ArrayList<>();
    Stream.generate(ArrayList<TimelineSpan>::new).limit(ppSize).forEach(ranks::add);
    for (JsonNode event : new ObjectMapper().readTree(trace.toFile()).get("traceEvents")) {
      if (event.get("ph").asText().equals("X") && event.get("pid").asInt() == MEASURED) {
        int rank = event.get("tid").asInt();
        double begin = event.get("ts").asDouble() / 1e3;
        double end = begin + event.get("dur").asDouble() / 1e3;
        Action action = Action.parse(event.get("name").asText());
        ranks.get(rank).add(new TimelineSpan(rank, action, begin, end));
      }
    }
    return ranks;
  }
}
