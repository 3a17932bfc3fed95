package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainCommandTest {
  private static final int COLUMNS = 96;

  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  @TempDir Path folder;

  private Path recipe;

  @BeforeEach
  void copyConfig() throws IOException {
    Files.writeString(folder.resolve("config.json"), resource("config-8b.json"));
    recipe =
        Files.writeString(folder.resolve("r.yaml"), resource("recipe-8b.yaml").formatted(folder));
  }

  /** All of it, from the layout to the change that helps most. */
  @ParameterizedTest
  @ValueSource(strings = {"fits", "does-not-fit", "suggest"})
  void explanationIsAsWritten(String name) throws IOException {
    List<String> words = List.of(resource(name + ".args").strip().split("\\s+"));
    String expected = resource(name + ".txt");
    int code = run(words.toArray(String[]::new));
    assertThat(out.toString()).as(errors.toString()).isEqualTo(expected);
    assertThat(code).isEqualTo(name.equals("does-not-fit") ? 2 : 0);
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= COLUMNS);
  }

  @Test
  void programsGetTheSame() throws IOException {
    assertThat(run("--device", "h100", "--json", "--suggest", "--devices", "8")).isZero();
    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.fieldNames())
        .toIterable()
        .containsExactly(
            "device",
            "layout",
            "stages",
            "bubble",
            "memory",
            "fits",
            "step",
            "dataMode",
            "data",
            "run",
            "warnings",
            "change",
            "suggestions");
    assertThat(report.path("layout").path("ppSize").asInt()).isEqualTo(4);
    assertThat(report.path("memory")).hasSize(4);
    assertThat(report.path("suggestions")).hasSize(3);
    assertThat(report.path("suggestions").path(0).path("set").isObject()).isTrue();
    JsonNode memory = report.path("memory").path(0);
    assertThat(memory.path("total").asLong()).isGreaterThan(memory.path("weights").asLong());
  }

  @Test
  void dataModeIsToldWithWhatFollows() throws IOException {
    String[] stream = {"--device=h100", "--penstock.data_mode=stream", "--penstock.stream_ahead=3"};
    assertThat(run(stream)).as(errors.toString()).isZero();
    assertThat(out.toString())
        .contains("Data      stream: one pass, tokenized while training, at most 7 partitions on")
        .containsPattern(
            "\\d\\. dataMode stream needs a task slot beside the 4 ranks to tokenize in")
        .contains("local[5]");
    out.getBuffer().setLength(0);
    run(stream[0], stream[1], stream[2], "--json");
    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.path("dataMode").asText()).isEqualTo("stream");
    assertThat(report.path("warnings").findValuesAsText("kind")).contains("data_mode");
    assertThat(run(stream[0], stream[1], stream[2], "--step_scheduler.num_epochs=2")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("numEpochs is 2, but with dataMode stream the rows are passed over once");
  }

  @Test
  void anyHostWillDoForCpus() {
    assertThat(run("--device", "cpu")).isIn(0, 2); // as much memory as this host has
    assertThat(out.toString()).contains("(a usual core", "checkpoint  process");
  }

  @Test
  void rateOfACoreIsThatOfDoctor() {
    run("--device=cpu:150", "--penstock.threads_per_rank=2", "--model.torch_dtype=float32");
    assertThat(out.toString()).contains("80 % of 300 GFLOP/s (as given)");
  }

  /** 400 lines of 40 bytes, of which a quarter is wanted: 100 rows of 10 tokens. */
  @Test
  void lengthOfTheRunFollowsFromTheSizeOfTheData() throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.writeString(data.resolve("train.txt"), ("x".repeat(39) + "\n").repeat(400));
    Files.writeString(data.resolve("test.txt"), "not of this split");
    String[] words = {
      "--device=h100",
      "--dataset.path_or_dataset=" + data,
      "--dataset.split=train[:50%]",
      "--dataset.limit_dataset_samples=100",
      "--packed_sequence.packed_sequence_size=5",
      "--step_scheduler.max_steps=none",
      "--step_scheduler.num_epochs=3",
    };
    assertThat(run(words)).as(errors.toString()).isZero();
    assertThat(out.toString())
        .contains(
            "Data: about 1,000 tokens, 100 rows in a pass (1 file, 0.0 MB of text, taken for 4 bytes a token)")
        .contains("Run: 10 steps, 3,200 tokens, "); // 200 sequences, 3 times, in batches of 64
    String[] given = Arrays.copyOf(words, words.length + 1);
    given[words.length] = "--tokens=640";
    run(given);
    assertThat(out.toString()).contains("about 640 tokens in a pass (as given)", "Run: 6 steps, ");
  }

  @Test
  void whatCannotBeExplainedIsNamed() {
    assertThat(run("--device", "h900")).isEqualTo(2);
    assertThat(errors.toString()).contains("'h900'", "l40s").doesNotContain("\tat ");
    assertThat(run("--model.pretrained_model_name_or_path", "meta-llama/None")).isEqualTo(2);
    assertThat(errors.toString()).contains("'meta-llama/None'");
    assertThat(run("--distributed.tp_size", "2")).isEqualTo(2);
    assertThat(errors.toString()).contains("distributed.tp_size");
    assertThat(run("--distributed.pp_size", "64")).isEqualTo(2);
    assertThat(errors.toString()).contains("number of stages (64)");
    assertThat(run("--devices", "0")).isEqualTo(2);
    assertThat(run("--tokens", "0")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--step_scheduler.global_batch_size=2147483647",
        "--packed_sequence.packed_sequence_size=2147483647",
        "--distributed.pp_size=2147483647",
        "--distributed.dp_size=2147483647",
      })
  @Timeout(60)
  void absurdNumbersAreRefusedInBoundedTime(String override) {
    assertThat(run("--device", "h100", override)).isEqualTo(2);
    assertThat(errors.toString()).isNotBlank().hasSizeLessThan(2048);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"num_hidden_layers\": 2147483647",
        "\"hidden_size\": -1",
        "\"vocab_size\": 1e300",
        "\"num_attention_heads\": {}"
      })
  @Timeout(60)
  void absurdModelsAreRefusedInBoundedTime(String field) throws IOException {
    String name = field.substring(0, field.indexOf(':'));
    String config = resource("config-8b.json").replaceFirst(name + ": \\d+", field);
    Files.writeString(folder.resolve("config.json"), config);
    assertThat(run("--device", "h100")).isEqualTo(2);
    assertThat(errors.toString()).isNotBlank().hasSizeLessThan(2048).doesNotContain("\tat ");
  }

  private int run(String... words) {
    String[] args = new String[words.length + 2];
    args[0] = "explain";
    args[1] = recipe.toString();
    System.arraycopy(words, 0, args, 2, words.length);
    return Penstock.run(List.of(args), new PrintWriter(out, true), new PrintWriter(errors, true));
  }

  private static String resource(String name) throws IOException {
    try (var in = ExplainCommandTest.class.getResourceAsStream("explain/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
