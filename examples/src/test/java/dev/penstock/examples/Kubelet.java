package dev.penstock.examples;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;

/**
 * Runs pods of executors as processes of this machine, as the entry point of Spark's image would.
 *
 * @param classPath what the image has
 * @param pods what each pod writes, in a folder of its own
 * @param processes those that run, by name of pod
 */
record Kubelet(String classPath, Path pods, Map<String, Process> processes)
    implements AutoCloseable {
  private static final String JAVA_OPTION = "SPARK_JAVA_OPT_";
  private static final String BACKEND =
      "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend";

  Kubelet(String classPath, Path pods) {
    this(classPath, pods, new ConcurrentHashMap<>());
  }

  /** Starts a pod, and hears of its end. */
  void start(String name, JsonNode pod, IntConsumer ended) {
    Map<String, String> environment = new HashMap<>();
    for (JsonNode variable : pod.at("/spec/containers/0/env")) {
      environment.put(variable.path("name").asText(), variable.path("value").asText());
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(SparkJvm.SHORT_LIVED);
    for (int i = 0; environment.containsKey(JAVA_OPTION + i); i++) {
      command.add(environment.get(JAVA_OPTION + i));
    }
    command.add("-Xmx" + environment.get("SPARK_EXECUTOR_MEMORY"));
    command.addAll(List.of("-cp", classPath, BACKEND));
    Map.of(
            "--driver-url", "SPARK_DRIVER_URL",
            "--executor-id", "SPARK_EXECUTOR_ID",
            "--cores", "SPARK_EXECUTOR_CORES",
            "--app-id", "SPARK_APPLICATION_ID",
            "--resourceProfileId", "SPARK_RESOURCE_PROFILE_ID")
        .forEach((option, variable) -> command.addAll(List.of(option, environment.get(variable))));
    command.addAll(List.of("--hostname", "127.0.0.1", "--podName", name));
    Path folder = pods.resolve(name);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().putAll(environment);
    try {
      Files.createDirectories(folder);
      Process process = builder.start();
      processes.put(name, process);
      process
          .onExit()
          .thenAccept(
              exited -> {
                processes.remove(name);
                ended.accept(exited.exitValue());
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends a pod that runs. */
  void stop(String name) {
    Process process = processes.get(name);
    if (process != null) {
      process.destroy();
    }
  }

  @Override
  public void close() {
    processes.values().forEach(Process::destroyForcibly);
  }
}
