package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TokenizeTest {
  private static final String TOKENIZER = "../datasets/src/test/resources/tokenizers/gemma3-bos";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String folder, String texts, String... options) {
    return Tokenize.commandLine(new ByteArrayInputStream(texts.getBytes(StandardCharsets.UTF_8)))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(Stream.concat(Stream.of(folder), Stream.of(options)).toArray(String[]::new));
  }

  @Test
  void textsBecomeOneLineOfPlainJson() throws Exception {
    assertThat(run(TOKENIZER, "[\"In the\", \"\", \"caf\u00e9\"]")).isZero();
    assertThat(out.toString().lines()).hasSize(1);
    assertThat(out.toString()).isASCII();
    JsonNode line = new ObjectMapper().readTree(out.toString());
    assertThat(line.get("ids").get(1)).hasSize(1);
    assertThat(line.get("ids").get(1).get(0)).isEqualTo(line.get("bos"));
    assertThat(line.get("ids_without").get(1)).isEmpty();
    assertThat(line.get("decoded").get(2).textValue()).isEqualTo("caf\u00e9");
    assertThat(line.get("eos").isInt()).isTrue();
    assertThat(line.has("pad")).isTrue();
  }

  @Test
  void chatsAreRenderedAndTheAssistantLearnt() throws Exception {
    String folder = "../datasets/src/test/resources/tokenizer/byte-level-bpe-4k";
    String chat =
        "[[{\"role\": \"user\", \"content\": \"Who?\"},"
            + " {\"role\": \"assistant\", \"content\": \"I am.\"}]]";
    assertThat(run(folder, chat, "--chat")).isZero();
    JsonNode line = new ObjectMapper().readTree(out.toString());
    JsonNode ids = line.get("ids").get(0);
    JsonNode labels = line.get("labels").get(0);
    assertThat(labels).hasSameSizeAs(ids);
    assertThat(labels.get(0).intValue()).isEqualTo(-100);
    assertThat(labels.get(labels.size() - 1)).isEqualTo(ids.get(ids.size() - 1));
  }

  @Test
  void failureIsToldOnStandardErrorAlone() {
    assertThat(run("no/such/folder", "[]")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(run(TOKENIZER, "{}")).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("There is no tokenizer at");
  }
}
