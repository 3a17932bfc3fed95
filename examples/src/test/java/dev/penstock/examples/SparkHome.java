package dev.penstock.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Spark as a cluster has it installed, with the jars that Maven fetched.
 *
 * @param folder where it is installed
 */
record SparkHome(Path folder) {
  private static final Path LAUNCH = Path.of("target", "launch");

  /** Links the jars of the Spark that this project is built with into a new folder. */
  static SparkHome install(Path folder) throws IOException {
    return install(folder, "spark.classpath", jar -> true);
  }

  /** Links the jars of a class path that the build wrote down into a new folder. */
  static SparkHome install(Path folder, String classPath, Predicate<String> jars)
      throws IOException {
    SparkHome home = new SparkHome(folder.toAbsolutePath());
    link(classPath, home.jars(), jars);
    Files.createDirectories(home.conf());
    return home;
  }

  /** Links what a class path that the build wrote down lists into a folder. */
  static void link(String classPath, Path folder) throws IOException {
    link(classPath, folder, jar -> true);
  }

  private static void link(String classPath, Path folder, Predicate<String> jars)
      throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> old = Files.list(folder)) {
      for (Path link : old.toList()) {
        Files.delete(link);
      }
    }
    for (String jar : classPath(classPath).split(":", -1)) {
      Path target = Path.of(jar);
      if (jars.test(target.getFileName().toString())) {
        Files.createSymbolicLink(folder.resolve(target.getFileName()), target);
      }
    }
  }

  /** A class path that the build wrote down. */
  static String classPath(String name) throws IOException {
    return Files.readString(LAUNCH.resolve(name)).strip();
  }

  Path jars() {
    return folder.resolve("jars");
  }

  /** The settings of the cluster's Hadoop, if it has any. */
  Path conf() {
    return folder.resolve("conf");
  }

  /** What its processes have on their class path. */
  String classPath() {
    return conf() + ":" + jars() + "/*";
  }

  /** What the processes of Spark ask of their environment. */
  Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME", folder.toString(),
        "HADOOP_CONF_DIR", conf().toString(),
        "JAVA_HOME", System.getProperty("java.home"),
        "SPARK_SCALA_VERSION", "2.13",
        "SPARK_LOCAL_IP", "127.0.0.1");
  }
}
