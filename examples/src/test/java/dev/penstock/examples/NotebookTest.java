package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.CausalLMTrainer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The notebooks are in Databricks' source format and call what there is. */
class NotebookTest {
  private static final String HEADER = "// Databricks notebook source\n";
  private static final String SEPARATOR = "\n\n// COMMAND ----------\n\n";
  private static final String MAGIC = "// MAGIC";
  private static final Pattern SETTER = Pattern.compile("\\.(set\\w+)\\(");
  private static final Path QUICKSTART =
      Path.of("src/main/java/dev/penstock/examples/Quickstart.java");

  static List<Path> notebooks() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../notebooks"))) {
      return files.filter(file -> file.toString().endsWith(".scala")).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void cellsAreWellFormed(Path notebook) throws IOException {
    String source = Files.readString(notebook);
    assertThat(source).startsWith(HEADER).isASCII();
    String[] cells = source.substring(HEADER.length()).split(SEPARATOR);
    assertThat(cells).hasSizeGreaterThan(5).allSatisfy(NotebookTest::isOneKind);
    assertThat(source.split("COMMAND ----------")).hasSameSizeAs(cells);
    assertThat(source).doesNotContain("spark.stop", "setMaster");
  }

  private static void isOneKind(String cell) {
    List<String> lines = cell.strip().lines().toList();
    assertThat(lines).isNotEmpty();
    if (lines.get(0).startsWith(MAGIC)) {
      assertThat(lines.get(0)).matches("// MAGIC %(md|pip|sh|python|sql)\\b.*");
      assertThat(lines).allMatch(line -> line.startsWith(MAGIC));
    } else {
      assertThat(lines).noneMatch(line -> line.contains("MAGIC"));
      long braces = cell.chars().map(c -> c == '{' ? 1 : c == '}' ? -1 : 0).sum();
      long brackets = cell.chars().map(c -> c == '(' ? 1 : c == ')' ? -1 : 0).sum();
      assertThat(List.of(braces, brackets)).as(cell).containsOnly(0L);
    }
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void settersAreThoseOfTheTrainer(Path notebook) throws IOException {
    List<String> called = setters(Files.readString(notebook));
    assertThat(Arrays.stream(CausalLMTrainer.class.getMethods()).map(Method::getName))
        .containsAll(called);
    assertThat(called).isSubsetOf(setters(Files.readString(QUICKSTART)));
  }

  private static List<String> setters(String source) {
    return SETTER.matcher(source).results().map(call -> call.group(1)).toList();
  }
}
