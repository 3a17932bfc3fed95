package dev.penstock.examples.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A measurement as a command, which prints what it found as one line of JSON. */
abstract class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  /** Measures; the map is what is printed. */
  abstract Map<String, Object> measure() throws Exception;

  @Override
  public Integer call() throws Exception {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("penstock", "0.1.0");
    try {
      line.putAll(measure());
    } catch (ConfigException e) {
      return refuse(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ConfigException cause) {
        return refuse(cause);
      }
      throw e;
    }
    command.commandLine().getOut().println(new ObjectMapper().writeValueAsString(line));
    return 0;
  }

  private int refuse(ConfigException e) {
    command.commandLine().getErr().println(e.getMessage());
    return command.exitCodeOnInvalidInput();
  }

  /** Since this JVM started, by the clock of the system. */
  static double secondsSinceJvmStart() {
    return (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime()) / 1e3;
  }
}
