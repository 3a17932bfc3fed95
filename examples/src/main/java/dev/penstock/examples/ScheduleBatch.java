package dev.penstock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Simulation;
import dev.penstock.engine.schedule.Simulator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** Answers lines of flags with lines of JSON, in order: what scripts ask many schedules with. */
final class ScheduleBatch {
  /** A word as a shell would cut it: bare, or in single or double quotes. */
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  private ScheduleBatch() {}

  static void answer(InputStream questions, PrintStream answers) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(questions, UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isBlank()) {
        answers.print(answer(line) + "\n");
        answers.flush();
      }
    }
  }

  private static String answer(String line) {
    ScheduleViewer viewer = new ScheduleViewer();
    try {
      new CommandLine(viewer).parseArgs(words(line));
      PipelineSchedule order = viewer.request().order();
      return json(
          viewer.request().shown(order),
          Simulator.simulate(order, CostModel.unit(order.numStages())));
    } catch (RuntimeException e) {
      // Whatever is wrong with one line, the next ones are still answered.
      return "{\"error\":" + quote(ScheduleViewer.message(e)) + "}";
    }
  }

  private static String[] words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      String quoted = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      words.add(quoted != null ? quoted : matcher.group(3));
    }
    return words.toArray(String[]::new);
  }

  private static String json(PipelineSchedule schedule, Simulation simulation) {
    return schedule.ranks().stream()
        .map(ScheduleBatch::json)
        .collect(
            Collectors.joining(
                ",",
                "{\"ranks\":[",
                "],\"bubbleFraction\":"
                    + simulation.bubbleFraction()
                    + ",\"peakActivations\":"
                    + simulation.peakActivations()
                    + "}"));
  }

  private static String json(List<Action> row) {
    return row.stream()
        .map(action -> "\"" + action + "\"")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String quote(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
