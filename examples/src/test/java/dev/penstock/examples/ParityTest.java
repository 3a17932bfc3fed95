package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ParityTest {
  private static final String MODEL = "../engine/src/test/resources/hf/qwen2-window";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Parity.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  @Test
  void reportIsOneLineOfJson() throws Exception {
    assertThat(run(MODEL, "--pp-size", "2", "--schedule", "interleaved_1f1b")).isZero();
    assertThat(out.toString().lines()).hasSize(1);
    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.get("schedule").asText()).isEqualTo("Interleaved1F1B");
    assertThat(report.get("microbatches").asInt()).isEqualTo(4);
    assertThat(report.get("worst_parameter").asText()).startsWith("model.");
    for (String error : new String[] {"logits", "gradient", "curve"}) {
      assertThat(report.get(error).asDouble()).as(error).isLessThan(1e-5);
    }
    assertThat(report.get("loss").asDouble()).isLessThan(1e-6);
  }

  @Test
  void failureIsToldOnStandardErrorAlone() {
    assertThat(run(MODEL, "--microbatches", "0")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(run("no/such/folder")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .contains("microbatches must be at least 1, but is 0.")
        .contains("There is no no/such/folder/golden.json.");
  }
}
