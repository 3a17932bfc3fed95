package dev.penstock.examples.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains a Llama of a shape on random tokens and prints one JSON line: tokens/s of the median step,
 * busy, idle and communication time of each rank, planned and measured bubble, memory, losses.
 */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class Bench extends BenchCommand {
  /** How the ranks are connected; the names are the flag's values. */
  enum TransportName {
    loopback,
    tcp
  }

  @Mixin private final BenchShape shape = new BenchShape();

  @Option(
      names = "--transport",
      description = "loopback (threads) or tcp (a JVM a rank) (default: ${DEFAULT-VALUE})")
  private TransportName transport = TransportName.loopback;

  @Option(names = "--rank", hidden = true)
  private int rank = -1;

  @Option(names = "--meet", hidden = true)
  private Path meet;

  Bench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    if (rank >= 0) {
      child();
      return 0;
    }
    return super.call();
  }

  @Override
  Map<String, Object> measure() throws Exception {
    List<RankReport> reports = transport == TransportName.tcp ? processes() : threads();
    Map<String, Object> report = BenchReport.of(shape, transport.name(), reports);
    report.put("startup_s", reports.stream().map(RankReport::startupSeconds).toList());
    BenchReport.addMachine(report, shape);
    return report;
  }

  private List<RankReport> threads() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(shape.ppSize);
    try {
      List<Future<RankReport>> running = new ArrayList<>();
      for (LoopbackRendezvous rendezvous : LoopbackRendezvous.create(shape.ppSize)) {
        running.add(pool.submit(() -> new BenchRank(shape, rendezvous, "this").run()));
      }
      List<RankReport> reports = new ArrayList<>();
      for (Future<RankReport> report : running) {
        reports.add(report.get());
      }
      return reports;
    } finally {
      pool.shutdownNow();
    }
  }

  /** Starts one JVM a rank with this JVM's own flags. */
  private List<RankReport> processes() throws IOException, InterruptedException {
    try (TempFolder folder = TempFolder.create(null)) {
      return processes(folder.path());
    }
  }

  private List<RankReport> processes(Path folder) throws IOException, InterruptedException {
    List<Process> children = new ArrayList<>();
    for (int child = 0; child < shape.ppSize; child++) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(Bench.class.getName());
      command.addAll(shape.flags());
      command.addAll(List.of("--rank", "" + child, "--meet", folder.toString()));
      children.add(new ProcessBuilder(command).inheritIO().start());
    }
    for (Process child : children) {
      if (child.waitFor() != 0) {
        children.forEach(Process::destroy);
        throw new IOException("a rank failed with exit code " + child.exitValue());
      }
    }
    List<RankReport> reports = new ArrayList<>();
    for (int child = 0; child < shape.ppSize; child++) {
      reports.add(new ObjectMapper().readValue(report(folder, child).toFile(), RankReport.class));
    }
    return reports;
  }

  private void child() throws Exception {
    FileRendezvous rendezvous = new FileRendezvous(meet, rank, shape.ppSize);
    String jvm = String.valueOf(ProcessHandle.current().pid());
    RankReport report = new BenchRank(shape, rendezvous, jvm).run();
    new ObjectMapper().writeValue(report(meet, rank).toFile(), report);
  }

  private static Path report(Path folder, int rank) {
    return folder.resolve("report-" + rank + ".json");
  }
}
