package dev.penstock.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The wheel in a virtual environment of its own, as a user installs it. */
@Timeout(1800)
class PythonIT {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path VENV = TARGET.resolve("venv");
  private static final String PYTHON = VENV.resolve("bin/python").toString();
  private static final Path LOG = TARGET.resolve("python.log");
  private static final Path TESTS = Path.of("src/test/python").toAbsolutePath();
  private static final Path ROOT = Path.of("..").toAbsolutePath();

  @BeforeAll
  static void installs() throws IOException, InterruptedException {
    Files.deleteIfExists(LOG);
    assumeTrue(
        run("python3", "-m", "venv", "--clear", VENV.toString()), "no python3 with venv here");
    String spark = "pyspark[ml]==" + System.getProperty("penstock.spark.version");
    assumeTrue(
        run(PYTHON, "-m", "pip", "install", "--quiet", spark), "pip cannot install pyspark here");
    assertThat(run(PYTHON, "-m", "pip", "install", "--quiet", wheel().toString()))
        .as("pip installs the wheel; see %s", LOG)
        .isTrue();
  }

  @Test
  void testsPassInALocalSession() throws IOException, InterruptedException {
    assertPasses("discover", "-s", TESTS.toString());
  }

  @Test
  void testsPassOverSparkConnect() throws IOException, InterruptedException {
    String spark = "pyspark[connect]==" + System.getProperty("penstock.spark.version");
    assumeTrue(
        run(PYTHON, "-m", "pip", "install", "--quiet", spark),
        "pip cannot install what Spark Connect needs here");
    assertPasses("discover", "-s", TESTS.toString(), "-p", "connect_tests.py");
    assertPasses("discover", "-s", TESTS.toString(), "-p", "artifact_tests.py");
  }

  @Test
  void notebooksRunTopToBottom() throws IOException, InterruptedException {
    assumeTrue(
        run(PYTHON, "-m", "pip", "install", "--quiet", "nbconvert", "ipykernel"),
        "pip cannot install what executes notebooks here");
    String script = TESTS.resolve("notebooks.py").toString();
    assertSucceeds(PYTHON, script, "check", ROOT.resolve("notebooks").toString());
  }

  @Test
  void scalaNotebookRunsInTheShell() throws IOException, InterruptedException {
    String script = TESTS.resolve("scala_notebook.py").toString();
    assertSucceeds(PYTHON, script, ROOT.resolve("notebooks/quickstart.scala").toString());
  }

  private static void assertPasses(String... unittest) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PYTHON, "-W", "ignore", "-m", "unittest"));
    command.addAll(List.of(unittest));
    assertSucceeds(command.toArray(String[]::new));
  }

  private static void assertSucceeds(String... command) throws IOException, InterruptedException {
    assertThat(run(command))
        .as(() -> "Python's tests pass; the end of " + LOG + ":\n" + tail())
        .isTrue();
  }

  private static Path wheel() throws IOException {
    try (Stream<Path> files = Files.list(TARGET)) {
      List<Path> wheels = files.filter(file -> file.toString().endsWith(".whl")).toList();
      assertThat(wheels).hasSize(1);
      return wheels.get(0);
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(TARGET.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(LOG.toFile()));
    builder.environment().put("PENSTOCK_DATA", ROOT.resolve("examples/data/quickstart").toString());
    builder.environment().put("PENSTOCK_README", ROOT.resolve("README.md").toString());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("SPARK_HOME"); // PySpark would take that Spark for its own
    try {
      return builder.start().waitFor() == 0;
    } catch (IOException e) { // there is no such program
      Files.writeString(LOG, e.toString());
      return false;
    }
  }

  private static String tail() {
    try {
      List<String> lines = Files.readAllLines(LOG);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 80), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
