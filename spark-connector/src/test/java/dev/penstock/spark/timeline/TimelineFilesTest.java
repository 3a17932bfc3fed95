package dev.penstock.spark.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineFilesTest {
  @TempDir Path folder;

  @Test
  void passesEndWhereAnActionComesAgain() {
    List<List<TimelineSpan>> passes =
        RecordedPasses.of(spans("0F0", "0F1", "0B0", "0B1", "0F0", "0F1", "0B0", "0B1"));
    assertThat(passes).hasSize(2).allMatch(pass -> pass.size() == 4);
    assertThat(passes.get(1).get(0).begin()).isEqualTo(4);
  }

  @Test
  void filesShowThePlanAboveTheLastStep() throws IOException {
    PipelineSchedule schedule = Schedules.named("gpipe").generate(1, 1, 2);
    HadoopFolder output = HadoopFolder.of(folder.toUri().toString(), new Configuration());

    new TimelineFiles(output, schedule).write(List.of(spans("0F0", "0F1", "0B0", "0B1")));

    assertThat(Files.readString(folder.resolve("trace.json")))
        .contains("Planned: ", "Measured", "\"name\":\"0B1\"");
    assertThat(Files.readString(folder.resolve("timeline.svg"))).contains("<svg", "Planned: ");
    assertThat(Files.readAllBytes(folder.resolve("timeline.png"))).startsWith(0x89, 'P', 'N', 'G');
  }

  private static Action action(String text) {
    return java.util.Objects.requireNonNull(Action.parse(text));
  }

  /** Actions of rank 0, each of one millisecond. */
  private static List<TimelineSpan> spans(String... actions) {
    List<TimelineSpan> spans = new ArrayList<>();
    for (String text : actions) {
      spans.add(new TimelineSpan(0, action(text), spans.size(), spans.size() + 1));
    }
    return spans;
  }
}
