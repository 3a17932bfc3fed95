package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
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
  void folderThatFailsHasALineOfItsOwnAndTheNextIsCompared() throws Exception {
    assertThat(run("no/such/folder", MODEL)).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(2);
    JsonNode failed = new ObjectMapper().readTree(lines.get(0));
    assertThat(failed.get("folder").asText()).isEqualTo("no/such/folder");
    assertThat(failed.get("error").asText())
        .contains("There is no config.json in ")
        .contains("no/such/folder");
    JsonNode compared = new ObjectMapper().readTree(lines.get(1));
    assertThat(compared.get("folder").asText()).isEqualTo(MODEL);
    assertThat(compared.get("logits").asDouble()).isLessThan(1e-5);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void errorOfARankIsTheLinesError() throws Exception {
    assertThat(run(MODEL, "--microbatches", "0")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(new ObjectMapper().readTree(out.toString()).get("error").asText())
        .isEqualTo("microbatches must be at least 1, but is 0.");
  }
}
