package dev.penstock.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** A standalone Spark: a master and two workers of two cores, each a JVM of its own. */
final class StandaloneCluster implements AutoCloseable {
  private static final int WORKERS = 2;
  private static final List<String> HOST = List.of("--host", "127.0.0.1", "--webui-port", "0");

  private final SparkHome home;
  private final Path logs;
  private final Path work;
  private final List<SparkJvm> workers = new ArrayList<>();
  private SparkJvm master;
  private String url;

  /**
   * A cluster that is not started.
   *
   * @param logs folder of the logs of its processes
   * @param work folder of what the workers keep of applications
   */
  StandaloneCluster(SparkHome home, Path logs, Path work) {
    this.home = home;
    this.logs = logs;
    this.work = work;
  }

  /** Starts the processes, at ports that they find free. */
  void start() throws IOException, InterruptedException {
    Files.createDirectories(logs);
    master = start("master", "master.Master", List.of("--port", "0"));
    url = master.await("Starting Spark master at (spark://\\S+)").group(1);
    for (int i = 0; i < WORKERS; i++) {
      String name = "worker-" + i;
      workers.add(
          start(
              name,
              "worker.Worker",
              List.of(
                  "--cores",
                  "2",
                  "--memory",
                  "4g",
                  "--work-dir",
                  work.resolve(name).toString(),
                  url)));
    }
    for (SparkJvm worker : workers) {
      worker.await("Successfully registered with master");
    }
  }

  private SparkJvm start(String name, String mainClass, List<String> arguments) throws IOException {
    return SparkJvm.start(
        home,
        logs.resolve(name + ".log"),
        "org.apache.spark.deploy." + mainClass,
        Stream.concat(HOST.stream(), arguments.stream()).toList());
  }

  String url() {
    return url;
  }

  /** The executors that run, and the drivers of cluster mode. */
  List<ProcessHandle> applicationProcesses() {
    return workers.stream().flatMap(SparkJvm::children).toList();
  }

  /** Waits for the end of the first driver of cluster mode, and returns its state. */
  String awaitDriver() throws IOException, InterruptedException {
    return master.await("Removing driver: \\S+ \\((\\w+),").group(1);
  }

  /** Waits until no process of an application is left. */
  void awaitIdle() throws ExecutionException, InterruptedException {
    for (List<ProcessHandle> running = applicationProcesses();
        !running.isEmpty();
        running = applicationProcesses()) {
      running.get(0).onExit().get();
    }
  }

  @Override
  public void close() {
    workers.forEach(SparkJvm::close);
    if (master != null) {
      master.close();
    }
  }
}
