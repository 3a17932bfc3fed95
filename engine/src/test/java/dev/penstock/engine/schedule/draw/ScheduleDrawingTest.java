package dev.penstock.engine.schedule.draw;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.TimeUnits;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ScheduleDrawingTest {
  /** As it should look beside its plan: half a millisecond a cost unit. */
  private static final double MILLIS_PER_UNIT = 0.5;

  @Test
  void textShowsEveryActionInItsSlot() {
    assertThat(ScheduleDrawing.text(List.of(planned("1F1B", 2, 1, 4))))
        .isEqualTo(
            """
            1F1B: 2 ranks, 2 stages, 4 microbatches
            bubble 20.0 %, peak activations 2 (by rank [2, 1]), makespan 15
            Rank 0 | 0F0 0F1 .   .   0B0---- 0F2 0B1---- 0F3 0B2---- .   0B3----
            Rank 1 | .   1F0 1B0---- 1F1 1B1---- 1F2 1B2---- 1F3 1B3----
            """);
  }

  @Test
  void stripHasTheWidthThatThereIs() {
    Timeline timeline = planned("1F1B", 2, 1, 4);
    assertThat(ScheduleDrawing.strip(timeline, "Rank 0 | ".length() + 15))
        .isEqualTo(
            """
            Rank 0 | FF..BBFBBFBB.BB
            Rank 1 | .FBBFBBFBBFBB..
            """);
    assertThat(ScheduleDrawing.strip(planned("ZBVZeroBubble", 32, 2, 64), 96).lines())
        .hasSize(17)
        .allMatch(line -> line.length() <= 96)
        .last()
        .isEqualTo("and 16 ranks more");
    assertThat(ScheduleDrawing.strip(planned("DualPipeV", 2, 2, 4), 40)).contains("O");
  }

  @Test
  void textWritesOverlapsWithoutTheirType() {
    assertThat(ScheduleDrawing.text(List.of(planned("DualPipeV", 2, 2, 4))))
        .contains("0F3+3B1")
        .doesNotContain("OVERLAP");
  }

  @Test
  void svgHasABoxForEveryActionInItsColour() throws Exception {
    Document svg = parse(ScheduleDrawing.svg(List.of(planned("ZBVZeroBubble", 2, 2, 4))));
    NodeList boxes = svg.getElementsByTagName("rect");
    List<String> fills = new ArrayList<>();
    for (int i = 0; i < boxes.getLength(); i++) {
      fills.add(((Element) boxes.item(i)).getAttribute("fill"));
    }

    assertThat(fills).filteredOn(Palette.hex(Palette.of(ActionType.F, 0, 2))::equals).hasSize(9);
    assertThat(fills).filteredOn(Palette.hex(Palette.of(ActionType.I, 1, 2))::equals).hasSize(8);
    assertThat(fills).filteredOn(Palette.hex(Palette.of(ActionType.W, 1, 2))::equals).hasSize(8);
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("ZBVZeroBubble: 2 ranks, 4 stages, 4 microbatches")
        .contains("bubble 4.0 %, peak activations 4 (on every rank), makespan 25")
        .contains("Rank 1");
  }

  @Test
  void titlesAreEscaped() throws Exception {
    Timeline timeline = planned("GPipe", 1, 1, 1).withTitle("<a & \"b\">");

    assertThat(parse(ScheduleDrawing.svg(List.of(timeline))).getDocumentElement().getTextContent())
        .contains("<a & \"b\">");
    assertThat(new ObjectMapper().readTree(ChromeTrace.json(List.of(timeline))).toString())
        .contains("<a & \\\"b\\\">");
  }

  @Test
  void pngIsDrawnWithoutADisplay() throws Exception {
    byte[] png = ScheduleDrawing.png(List.of(planned("GPipe", 2, 1, 4)));
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));

    assertThat(image.getWidth()).isBetween(640, 800);
    assertThat(image.getHeight()).isBetween(150, 250);
    int forward = 0xFF000000 | Palette.of(ActionType.F, 0, 1);
    assertThat(image.getRGB(70, 65)).isEqualTo(forward);
  }

  @Test
  void longTimelinesGoOnInFurtherBands() {
    Scene scene = TimelineScene.of(List.of(planned("Interleaved1F1B", 8, 2, 32)));

    assertThat(scene.width()).isLessThan(1600);
    assertThat(scene.labels()).filteredOn(label -> label.text().equals("Rank 7")).hasSize(4);
  }

  @Test
  void measuredTimelineIsDrawnBelowItsPlan() {
    Timeline plan = planned("1F1B", 2, 1, 4);
    List<TimelineSpan> spans =
        plan.spans().stream()
            .map(
                span ->
                    new TimelineSpan(
                        span.rank(),
                        span.action(),
                        100 + span.begin() * MILLIS_PER_UNIT,
                        100 + span.end() * MILLIS_PER_UNIT))
            .toList();
    Timeline measured = Timeline.measured("measured", TimeUnits.MILLIS, 2, spans);

    assertThat(ScheduleDrawing.text(List.of(plan, measured)))
        .contains(
            "measured\nbubble 20.0 %, peak activations 2 (by rank [2, 1]), makespan 7.5 ms\n");
    Scene scene = TimelineScene.of(List.of(plan, measured));
    assertThat(scene.labels()).filteredOn(label -> label.text().equals("Rank 0")).hasSize(2);
    assertThat(scene.labels()).anyMatch(label -> label.text().equals("7 ms"));
  }

  @Test
  void timelineWithoutSpansIsStillAPicture() {
    Timeline empty = Timeline.measured("nothing", TimeUnits.MILLIS, 2, List.of());

    assertThat(ScheduleDrawing.text(List.of(empty))).contains("Rank 1 |");
    assertThat(ScheduleDrawing.png(List.of(empty))).isNotEmpty();
  }

  @Test
  void chromeTraceHasAThreadForEveryRank() throws Exception {
    Action send = Action.of(0, ActionType.SEND_F, 3);
    Timeline measured =
        Timeline.measured(
            "step 7", TimeUnits.MILLIS, 2, List.of(new TimelineSpan(1, send, 2.5, 4)));
    JsonNode events =
        new ObjectMapper().readTree(ChromeTrace.json(List.of(measured))).get("traceEvents");

    assertThat(events).hasSize(4);
    JsonNode event = events.get(3);
    assertThat(event.get("name").textValue()).isEqualTo("0SEND_F3");
    assertThat(event.get("tid").intValue()).isEqualTo(1);
    assertThat(event.get("ts").doubleValue()).isZero();
    assertThat(event.get("dur").doubleValue()).isEqualTo(1500);
    assertThat(event.get("args").get("microbatch").intValue()).isEqualTo(3);
  }

  private static Timeline planned(String name, int ppSize, int stages, int microbatches) {
    PipelineSchedule schedule = Schedules.named(name).generate(ppSize, stages, microbatches);
    return Simulator.timeline(schedule, CostModel.unit(schedule.numStages()));
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }
}
