package dev.penstock.examples.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short form of bin/chaos; bench/ has the figures of a longer one. */
@Timeout(600)
class ChaosIT {
  @BeforeAll
  static void makeSparkHome() throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
  }

  @Test
  void disturbedRunsGiveTheModelOfTheUndisturbedOne() throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Chaos.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "--data=data/quickstart",
                "--runs=2",
                "--kills=1",
                "--steps=30",
                "--what=executor,freeze");
    assertThat(exitCode).as("%s%s", out, err).isZero();
    JsonNode result = new ObjectMapper().readTree(out.toString());
    assertThat(result.get("runs").asInt()).isEqualTo(2);
    assertThat(result.get("kills").asInt()).isEqualTo(2);
    assertThat(result.get("resumed").asInt()).isPositive();
    assertThat(result.get("identical").asBoolean()).isTrue();
  }
}
