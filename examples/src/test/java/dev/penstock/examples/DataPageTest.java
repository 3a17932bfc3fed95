package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/data.md, one for each kind of row. */
class DataPageTest {
  private static final Path DATA = Path.of("../examples/data/quickstart");

  @TempDir Path folder;

  @Test
  void examplesRun() throws Exception {
    List<String> blocks =
        Snippets.of(Path.of("../docs/data.md"), "java").stream()
            .map(block -> block.replace("setMaxSteps(200)", "setMaxSteps(2)"))
            .toList();
    assertThat(blocks).hasSize(4).allSatisfy(block -> assertThat(block).contains("setMaxSteps(2)"));
    String output = folder.resolve("model").toUri().toString();
    String config =
        Files.readString(DATA.resolve("config.json"))
            .replace("\"hidden_size\": 256", "\"hidden_size\": 64")
            .replace("\"head_dim\": 32", "\"head_dim\": 8")
            .replace("\"intermediate_size\": 704", "\"intermediate_size\": 96");
    try (SparkSession spark =
        SparkSession.builder().appName("data").master("local[3]").getOrCreate()) {
      Snippets.run(blocks, folder, spark, DATA.toUri().toString(), config, output);
    }
    for (String name : List.of("chat", "prompts", "tokens", "streamed")) {
      assertThat(folder.resolve("model-" + name + "/config.json")).exists();
    }
  }
}
