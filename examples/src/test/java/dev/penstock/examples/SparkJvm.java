package dev.penstock.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A main class of Spark in a JVM of its own, whose output goes into a log. */
final class SparkJvm implements AutoCloseable {
  /** For a JVM that lives for seconds: it compiles less. */
  static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private static final long POLL_MILLIS = 50;
  private static final long PATIENCE_SECONDS = 5;

  private final Process process;
  private final Path log;

  private SparkJvm(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts a main class of Spark with the JVM's options that the examples have. */
  static SparkJvm start(SparkHome home, Path log, String mainClass, List<String> arguments)
      throws IOException {
    return start(home.classPath(), home.environment(), log, mainClass, arguments);
  }

  /**
   * The same with another class path.
   *
   * @param main a class, or a file of Java
   */
  static SparkJvm start(
      String classPath,
      Map<String, String> environment,
      Path log,
      String main,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of("target", "launch", "java.args"));
    command.addAll(SHORT_LIVED);
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    return new SparkJvm(builder.start(), log);
  }

  /** Waits until the log has what the pattern finds. */
  Matcher await(String pattern) throws IOException, InterruptedException {
    while (true) {
      boolean ended = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
      String shown = shown();
      Matcher found = Pattern.compile(pattern).matcher(shown);
      if (found.find()) {
        return found;
      }
      assertThat(ended).as("ended without '%s':%n%s", pattern, shown).isFalse();
    }
  }

  /** Tells it to end, by SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Waits for the end. */
  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /** What the log has by now. */
  String shown() throws IOException {
    return Files.readString(log, ISO_8859_1); // any bytes are text in it, half a character too
  }

  /** The processes that this one started and that run, and what those started. */
  Stream<ProcessHandle> descendants() {
    return process.descendants();
  }

  /** The processes that this one started and that run. */
  Stream<ProcessHandle> children() {
    return process.children();
  }

  /** Ends the process and those that it started, by force if need be. */
  @Override
  public void close() {
    List<ProcessHandle> family =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    process.destroy();
    process.onExit().completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    family.forEach(ProcessHandle::destroyForcibly);
  }
}
