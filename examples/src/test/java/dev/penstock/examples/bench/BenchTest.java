package dev.penstock.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.torch.HostTensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the measurements print; never how fast it was. */
class BenchTest {
  private static final String DATA = "data/quickstart";
  private static final int SEQ = 32;
  private static final int NUM_ROWS = 4;
  private static final String[] SHAPE = {
    "--hidden=64", "--layers=4", "--seq=" + SEQ, "--n-mb=" + NUM_ROWS, "--vocab=4096", "--steps=4"
  };

  @TempDir Path folder;

  private static JsonNode run(BenchCommand command, String[] shape, String... flags)
      throws Exception {
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(command).setOut(new PrintWriter(out, true));
    String[] arguments = new String[shape.length + flags.length];
    System.arraycopy(shape, 0, arguments, 0, shape.length);
    System.arraycopy(flags, 0, arguments, shape.length, flags.length);
    assertThat(line.execute(arguments)).isZero();
    assertThat(out.toString().lines()).hasSize(1);
    return new ObjectMapper().readTree(out.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"loopback", "tcp"})
  void engineTellsTimesOfEachRank(String transport) throws Exception {
    JsonNode report = run(new Bench(), SHAPE, "--transport", transport);

    assertThat(report.get("losses")).hasSize(4);
    assertThat(report.get("tok_s").asDouble()).isPositive();
    for (String byRank :
        new String[] {"busy_s", "idle_s", "comm_s", "action_ms", "rss_mb", "startup_s"}) {
      assertThat(report.get(byRank)).as(byRank).hasSize(2);
    }
    assertThat(report.get("bubble_planned").asDouble()).isBetween(0.0, 1.0);
    assertThat(report.get("bubble_measured").asDouble()).isBetween(0.0, 1.0);
    assertThat(report.get("peak_gflops").asDouble()).isPositive();
    assertThat(report.get("peak_share").asDouble()).isPositive();
    assertThat(report.get("processor")).isNotEmpty();
    assertThat(report.get("kernels").get("openblas").asText()).isNotEmpty();
    assertThat(report.get("startup_s").get(1).fieldNames())
        .toIterable()
        .containsExactly(
            "jvm", "plan", "natives", "connect", "build", "weights", "rows", "first_step");
  }

  /** As {@code torch.save} writes it: rows that are the same at each step. */
  private Path savedRows(long... shape) throws IOException {
    long[] ones = new long[Math.toIntExact(shape[0] * shape[1] * shape[2])];
    Arrays.fill(ones, 1);
    try (PointerScope scope = new PointerScope();
        Tensor ids = HostTensors.ofLongs(ones, "cpu", shape)) {
      byte[] bytes = torch.pickle_save(new IValue(ids)).get();
      return Files.write(folder.resolve("ids.pt"), bytes);
    }
  }

  @Test
  void rowsMayComeFromAFile() throws Exception {
    Path rows = savedRows(1, NUM_ROWS, SEQ);
    JsonNode losses = run(new Bench(), SHAPE, "--ids", rows.toString()).get("losses");
    assertThat(losses.get(3).asDouble()).isLessThan(losses.get(0).asDouble() - 1);
  }

  @Test
  void rowsOfAnotherShapeAreRefusedInOneLine() throws Exception {
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new Bench()).setErr(new PrintWriter(err, true));
    String ids = "--ids=" + savedRows(1, NUM_ROWS, SEQ + 1);
    List<String> arguments = new ArrayList<>(List.of(SHAPE));
    arguments.add(ids);
    assertThat(line.execute(arguments.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString())
        .contains(
            String.format(Locale.ROOT, "[1, %d, %d]", NUM_ROWS, SEQ + 1),
            String.format(Locale.ROOT, "[steps, %d, %d]", NUM_ROWS, SEQ));
  }

  @Test
  void sparkTellsTheSameAndWhereTheRestWent() throws Exception {
    JsonNode engine = run(new Bench(), SHAPE);
    JsonNode report = run(new SparkBench(), SHAPE, "--data", DATA);

    assertThat(report.fieldNames()).toIterable().containsAll(engine::fieldNames);
    assertThat(report.get("losses")).hasSize(4);
    assertThat(report.get("action_ms").get(0).fieldNames())
        .toIterable()
        .containsExactlyElementsOf(engine.get("action_ms").get(0)::fieldNames);
    double fit = report.get("fit_s").asDouble();
    double phases = 0;
    for (JsonNode phase : report.get("phases_s")) {
      phases += phase.asDouble();
    }
    assertThat(phases).isBetween(report.get("steps_s").asDouble(), fit);
    assertThat(report.get("outside_share").asDouble()).isBetween(0.0, 1.0);
    assertThat(report.get("data_s").asDouble()).isPositive();
    assertThat(report.get("startup_s").fieldNames())
        .toIterable()
        .containsExactly(
            "jvm",
            "session",
            "read",
            "plan",
            "slots",
            "ingest",
            "launch",
            "natives",
            "connect",
            "build",
            "weights",
            "first_step");
  }

  @Test
  void stagingIsMeasuredAgainstTheLibrary() throws Exception {
    JsonNode report =
        run(new IngestBench(), new String[] {"--data", DATA, "--copies=2", "--repeat=1"});

    assertThat(report.get("texts").asInt()).isEqualTo(2 * 31_102);
    assertThat(report.get("tokens").asInt()).isGreaterThan(2 * 900_000);
    for (String rate :
        new String[] {"tok_s_per_core", "library_tok_s", "encode_tok_s", "pack_tok_s"}) {
      assertThat(report.get(rate).asDouble()).as(rate).isPositive();
    }
  }

  @Test
  void scoringAndDrawingAreMeasured() throws Exception {
    JsonNode report =
        run(
            new ScoringBench(),
            new String[] {
              "--data",
              DATA,
              "--rows=40",
              "--hidden=64",
              "--layers=1",
              "--new-tokens=2",
              "--repeat=1"
            });

    assertThat(report.get("rows").asInt()).isEqualTo(40);
    for (String rate :
        new String[] {"rows_s", "greedy_ms", "top_k_top_p_ratio", "top_p_ratio", "all_ratio"}) {
      assertThat(report.get(rate).asDouble()).as(rate).isPositive();
    }
  }

  @Test
  void firstStepOfAStreamIsMeasuredAgainstStagedData() throws Exception {
    JsonNode report =
        run(
            new StreamBench(),
            new String[] {
              "--data",
              DATA,
              "--master=local[3]",
              "--partitions=4",
              "--times=2",
              "--rows=20",
              "--repeat=1"
            });

    assertThat(report.get("partitions").get(1).asInt()).isEqualTo(8);
    assertThat(report.get("stream_first_step_s")).hasSize(2);
    assertThat(report.get("stream_ratio").asDouble()).isPositive();
    assertThat(report.get("staged_ratio").asDouble()).isPositive();
  }

  @Test
  void weightsAreMeasuredAgainstDd() throws Exception {
    JsonNode report =
        run(
            new SafetensorsBench(),
            new String[] {
              "--hidden=64", "--layers=1", "--repeat=1", "--folder", folder.toString()
            });

    assertThat(report.get("bytes").asInt()).isGreaterThan(4 * 2 * 8192 * 64);
    for (String rate : new String[] {"write", "dd_write", "read", "dd_read", "read_uncached"}) {
      assertThat(report.get(rate + "_gb_s").asDouble()).as(rate).isPositive();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void planningIsMeasuredForEachLayout() throws Exception {
    JsonNode report =
        run(new PlanningBench(), new String[] {"--pp=2,4", "--n-mb=8", "--schedule=ZBVZeroBubble"});

    assertThat(report.get("rows")).hasSize(2);
    assertThat(report.get("rows").get(0).get("actions").asInt())
        .isLessThan(report.get("rows").get(1).get("actions").asInt());
  }
}
