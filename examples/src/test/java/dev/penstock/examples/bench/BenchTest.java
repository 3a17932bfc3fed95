package dev.penstock.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the measurements print; never how fast it was. */
class BenchTest {
  private static final String DATA = "data/quickstart";
  private static final String[] SHAPE = {
    "--hidden=64", "--layers=4", "--seq=32", "--n-mb=4", "--vocab=4096", "--steps=4"
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
  @ValueSource(strings = {"loopback", "gloo"})
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
    assertThat(report.get("startup_s").get(1).fieldNames())
        .toIterable()
        .containsExactly(
            "jvm", "plan", "natives", "connect", "build", "weights", "rows", "first_step");
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
            "staging",
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
        run(new StagingBench(), new String[] {"--data", DATA, "--copies=2", "--repeat=1"});

    assertThat(report.get("texts").asInt()).isEqualTo(2 * 31_102);
    assertThat(report.get("tokens").asInt()).isGreaterThan(2 * 900_000);
    for (String rate :
        new String[] {"tok_s_per_core", "library_tok_s", "encode_tok_s", "pack_tok_s"}) {
      assertThat(report.get(rate).asDouble()).as(rate).isPositive();
    }
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
