package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Path README = ROOT.resolve("README.md");
  private static final Path DATA = ROOT.resolve("examples/data/quickstart");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");

  @TempDir Path folder;

  @Test
  void commandsAreThoseThatContinuousIntegrationRuns() throws IOException {
    assertThat(Snippets.of(README, "sh")).containsExactly("bin/quickstart\nmvn verify\n");
  }

  @Test
  void codeCompilesAndRuns() throws Exception {
    List<String> blocks =
        Stream.of(README, ROOT.resolve("docs/models.md"))
            .flatMap(page -> javaOf(page).stream())
            .map(block -> block.replace("setMaxSteps(200)", "setMaxSteps(2)"))
            .toList();
    assertThat(blocks).hasSize(3);
    assertThat(List.of(blocks.get(0), blocks.get(2)))
        .allSatisfy(block -> assertThat(block).contains("setMaxSteps(2)"));
    String output = folder.resolve("model").toUri().toString();

    try (SparkSession spark = SparkSession.builder().appName("readme").getOrCreate()) {
      Snippets.run(
          blocks,
          folder,
          spark,
          DATA.toUri().toString(),
          Files.readString(DATA.resolve("config.json")),
          output);
    }

    assertThat(folder.resolve("model/config.json")).exists();
    assertThat(folder.resolve("model-saved/metadata")).isDirectory();
    assertThat(folder.resolve("model-adapters/adapter_config.json")).exists();
  }

  private static List<String> javaOf(Path page) {
    try {
      return Snippets.of(page, "java");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/data.md",
        "docs/deploy.md",
        "docs/models.md",
        "docs/python.md"
      })
  void linksLeadSomewhere(String name) throws IOException {
    Path file = ROOT.resolve(name);
    List<String> links =
        LINK.matcher(Files.readString(file))
            .results()
            .map(link -> link.group(1))
            .filter(link -> !link.contains("://"))
            .toList();
    assertThat(links).allSatisfy(link -> assertThat(file.resolveSibling(link)).exists());
  }
}
