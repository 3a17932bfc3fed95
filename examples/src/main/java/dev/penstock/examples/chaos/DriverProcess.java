package dev.penstock.examples.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A {@link ChaosDriver} in a JVM of its own; its children are the executors. */
final class DriverProcess {
  /** Options of a JVM that lives for seconds: it compiles less. */
  static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private static final Pattern STEP = Pattern.compile("(?m)^step (\\d+)/");

  private final Process process;
  private final Path log;
  private long logBytes;
  private long heardNanos = System.nanoTime();

  private DriverProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static DriverProcess start(Path log, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    String options = System.getProperty("penstock.java.options", "") + " " + SHORT_LIVED;
    Stream.of(options.split(" ")).filter(option -> !option.isEmpty()).forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ChaosDriver.class.getName());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    return new DriverProcess(builder.start(), log);
  }

  /** The step that it last told of; 0: none. */
  int lastStep() throws IOException {
    int last = 0;
    for (Matcher step = STEP.matcher(Files.readString(log)); step.find(); ) {
      last = Integer.parseInt(step.group(1));
    }
    return last;
  }

  /** How often it went on from a checkpoint. */
  int timesResumed() throws IOException {
    return (int)
        Files.readString(log).lines().filter(line -> line.startsWith("goes on at step")).count();
  }

  Process process() {
    return process;
  }

  /** Whether it has written nothing for so long. */
  boolean isSilent(int seconds) throws IOException {
    long bytes = Files.size(log);
    if (bytes != logBytes) {
      logBytes = bytes;
      heardNanos = System.nanoTime();
    }
    return System.nanoTime() - heardNanos > TimeUnit.SECONDS.toNanos(seconds);
  }

  /** Ends it and its executors. */
  void end() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
