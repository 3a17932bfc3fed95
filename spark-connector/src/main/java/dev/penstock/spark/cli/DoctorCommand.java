package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.doctor.Doctor;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks the cluster at hand over. */
@Command(
    name = "doctor",
    description =
        "Looks every executor over: natives, GPUs, memory, kernels, clocks, links, paths.",
    footer = "Exit code 0 if a run is possible, else 2.")
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = "Ranks that are to be there (default: as many as there are task slots).")
  private int ranks;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      description = "Longest to wait for executors (default: ${DEFAULT-VALUE}).")
  private int waitSeconds = 60;

  @Parameters(paramLabel = "PATH", description = "Paths that every executor must see.")
  private List<String> paths = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    if (ranks < 0 || waitSeconds < 0) {
      throw new ConfigException("--ranks and --wait must not be negative.");
    }
    for (String path : paths) {
      if (path.startsWith("-")) {
        throw new ConfigException("There is no option %s.".formatted(path));
      }
    }
    PrintWriter out = command.commandLine().getOut();
    try (LocalSpark session = LocalSpark.start("penstock doctor")) {
      Doctor.Report report =
          Doctor.examine(
              session.spark().sparkContext(), ranks, paths, Duration.ofSeconds(waitSeconds));
      out.print(report.text());
      out.flush();
      return report.healthy() ? 0 : Penstock.USER_ERROR;
    }
  }
}
