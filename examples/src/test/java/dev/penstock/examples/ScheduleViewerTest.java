package dev.penstock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleViewerTest {
  private final StringWriter errors = new StringWriter();

  @TempDir private Path folder;

  @Test
  void csvIsTheComputeOrderOneRankALine() throws IOException {
    assertThat(run("--schedule 1f1b --pp-size 2 --microbatches 2 --format csv")).isZero();

    assertThat(shown()).isEqualTo("0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n");
  }

  @Test
  void loweredOrderHasItsCommunication() throws IOException {
    assertThat(run("--schedule gpipe --pp-size 2 --microbatches 1 --format csv --lowered"))
        .isZero();

    assertThat(shown())
        .startsWith("0UNSHARD,0F0,0SEND_F0,0RECV_B0,0B0,0REDUCE_GRAD,0RESHARD\n1UNSHARD,1RECV_F0,");
  }

  @Test
  void csvFileNeedsNoName() throws IOException {
    Path csv = Files.writeString(folder.resolve("in.csv"), "0F0,1F0,1B0,0B0\n2F0,2B0\n");

    assertThat(run("--csv " + csv + " --format simulation")).isZero();
    assertThat(shown())
        .contains("stages: 3 on ranks [0, 0, 1]")
        .contains("makespan: 9.0")
        .contains("peak activations: [2, 1]");
    assertThat(run("--csv " + csv + " --pp-size 3")).isEqualTo(1);
    assertThat(errors.toString()).contains("expected 3, actual 2");
  }

  @Test
  void picturesAreWritten() throws IOException {
    String request = "--schedule ZBVZeroBubble --pp-size 2 --microbatches 4 --format ";

    assertThat(run(request + "svg")).isZero();
    assertThat(shown()).startsWith("<svg");
    assertThat(run(request + "text")).isZero();
    assertThat(shown()).contains("bubble 4.0 %, peak activations 4");
    assertThat(run(request + "png")).isZero();
    assertThat(Files.readAllBytes(output())).startsWith(0x89, 'P', 'N', 'G');
  }

  @Test
  void refusalsExitNonZeroWithTheReason() {
    assertThat(run("--schedule nope --pp-size 2 --microbatches 4")).isEqualTo(1);
    assertThat(run("--schedule 1f1b --pp-size 4 --microbatches 2")).isEqualTo(1);
    assertThat(run("--schedule 1f1b --pp-size 4")).isEqualTo(1);
    assertThat(run("--schedule gpipe --pp-size 100000 --microbatches 100000")).isEqualTo(1);
    assertThat(run("--what")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("Unknown schedule name 'nope'")
        .contains(
            "Number of microbatches (2) must be greater than or equal to the number of stages")
        .contains("Missing --microbatches.")
        .contains("more than 20000000 actions")
        .contains("Unknown option: '--what'");
  }

  @Test
  void batchAnswersEveryLineInOrder() throws IOException {
    String lines =
        """
        --schedule 1F1B --pp-size 2 --microbatches 2
        --schedule '1F1B' --pp-size 3 --microbatches 2 --format csv

        --nonsense "a \\"
        --schedule DualPipeV --pp-size 1 --microbatches 2 --stages-per-rank 2
        """;
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    ScheduleBatch.answer(
        new ByteArrayInputStream(lines.getBytes(UTF_8)), new PrintStream(answers, true, UTF_8));

    assertThat(answers.toString(UTF_8).lines())
        .containsExactly(
            "{\"ranks\":[[\"0F0\",\"0F1\",\"0B0\",\"0B1\"],[\"1F0\",\"1B0\",\"1F1\",\"1B1\"]],"
                + "\"bubbleFraction\":0.3333333333333333,\"peakActivations\":[2, 1]}",
            "{\"error\":\"Number of microbatches (2) must be greater than or equal to the number of"
                + " stages (3).\"}",
            "{\"error\":\"Unknown options: '--nonsense', 'a \\\\'\"}",
            "{\"ranks\":[[\"0F0\",\"1F0\",\"0F1\",\"1B0\",\"(1F1;0B0)OVERLAP_F_B\",\"1B1\","
                + "\"0I1\",\"0W1\"]],\"bubbleFraction\":0.0,\"peakActivations\":[3]}");
  }

  private int run(String flags) {
    List<String> args = new ArrayList<>(Arrays.asList(flags.split(" ", -1)));
    args.add("--output");
    args.add(output().toString());
    return ScheduleViewer.commandLine()
        .setErr(new PrintWriter(errors))
        .execute(args.toArray(String[]::new));
  }

  private Path output() {
    return folder.resolve("shown");
  }

  private String shown() throws IOException {
    return Files.readString(output());
  }
}
