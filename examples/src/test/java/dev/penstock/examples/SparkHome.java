package dev.penstock.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Spark as a cluster has it installed, with the jars that Maven fetched.
 *
 * @param folder where it is installed
 */
record SparkHome(Path folder) {
  private static final Path LAUNCH = Path.of("target", "launch");

  /** Links the jars into a new folder. */
  static SparkHome install(Path folder) throws IOException {
    SparkHome home = new SparkHome(folder.toAbsolutePath());
    link("spark.classpath", home.jars());
    return home;
  }

  /** Links what a class path that the build wrote down lists into a folder. */
  static void link(String classPath, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> old = Files.list(folder)) {
      for (Path link : old.toList()) {
        Files.delete(link);
      }
    }
    for (String jar : Files.readString(LAUNCH.resolve(classPath)).split(":", -1)) {
      Path target = Path.of(jar);
      Files.createSymbolicLink(folder.resolve(target.getFileName()), target);
    }
  }

  Path jars() {
    return folder.resolve("jars");
  }

  /** What the processes of Spark ask of their environment. */
  Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME", folder.toString(),
        "SPARK_SCALA_VERSION", "2.13",
        "SPARK_LOCAL_IP", "127.0.0.1");
  }
}
