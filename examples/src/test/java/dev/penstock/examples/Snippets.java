package dev.penstock.examples;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.spark.sql.SparkSession;

/** The code blocks of a Markdown file. */
final class Snippets {
  private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");

  private Snippets() {}

  /** The blocks of a language, in order. */
  static List<String> of(Path markdown, String language) throws IOException {
    Matcher fences = FENCE.matcher(Files.readString(markdown));
    return fences
        .results()
        .filter(fence -> fence.group(1).equals(language))
        .map(fence -> fence.group(2))
        .collect(Collectors.toList());
  }

  /**
   * Compiles blocks of Java as the body of one method and calls it.
   *
   * @param folder where source and classes go
   * @param data what the blocks call {@code data}
   * @param configJson what the blocks call {@code configJson}
   * @param output what the blocks call {@code output}
   */
  static void run(
      List<String> blocks,
      Path folder,
      SparkSession spark,
      String data,
      String configJson,
      String output)
      throws IOException, ReflectiveOperationException {
    String source =
        """
        import dev.penstock.spark.*;
        import org.apache.spark.sql.*;

        public final class Readme {
          public static void run(
              SparkSession spark, String data, String configJson, String output) throws Exception {
            %s
          }
        }
        """
            .formatted(String.join("\n", blocks));
    Path file = Files.writeString(folder.resolve("Readme.java"), source);
    compile(file, folder);
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, Snippets.class.getClassLoader())) {
      loader
          .loadClass("Readme")
          .getMethod("run", SparkSession.class, String.class, String.class, String.class)
          .invoke(null, spark, data, configJson, output);
    }
  }

  private static void compile(Path file, Path folder) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter problems = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-proc:none",
              "-classpath",
              System.getProperty("java.class.path"),
              "-d",
              folder.toString());
      boolean compiled =
          compiler
              .getTask(problems, files, null, options, null, files.getJavaFileObjects(file))
              .call();
      if (!compiled) {
        throw new IllegalStateException("The blocks do not compile:\n" + problems);
      }
    }
  }
}
