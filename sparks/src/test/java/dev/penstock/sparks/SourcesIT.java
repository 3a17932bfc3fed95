package dev.penstock.sparks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One source for every Spark: what is called is there, and what is overridden. */
@Timeout(300)
class SourcesIT {
  private static final List<String> MODULES =
      List.of("storage", "engine", "datasets", "spark-connector");

  /** A Spark with Scala 2.12 plans rows one by one: Catalyst's collections are others there. */
  private static final Pattern CATALYST = Pattern.compile("Batch(Exec|Strategy|Task)\\.java");

  @TempDir Path classes;

  @Test
  void sourcesCompileAgainstThisSpark() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    List<String> options =
        List.of(
            "-nowarn",
            "-proc:none",
            "--release",
            "17",
            "-d",
            classes.toString(),
            "-classpath",
            System.getProperty("java.class.path"));
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  errors, files, null, options, null, files.getJavaFileObjectsFromPaths(sources()))
              .call();
      assertThat(compiled).as(errors.toString()).isTrue();
    }
  }

  private static List<Path> sources() throws IOException {
    boolean catalyst = !System.getProperty("penstock.scala.version").equals("2.12");
    List<Path> sources = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("../..", module, "src/main/java"))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !file.endsWith("module-info.java"))
            .filter(file -> catalyst || !CATALYST.matcher(file.getFileName().toString()).matches())
            .forEach(sources::add);
      }
    }
    assertThat(sources).hasSizeGreaterThan(MODULES.size());
    return sources;
  }
}
