package dev.penstock.examples;

import java.io.IOException;
import java.nio.file.Path;

/** A Spark newer than the one that the jars are built with, and a YARN of one process. */
final class NewerSpark {
  private static final String CLASS_PATH = "newer-spark.classpath";

  private NewerSpark() {}

  /** Spark alone. */
  static SparkHome install(Path folder) throws IOException {
    return SparkHome.install(folder, CLASS_PATH, jar -> !jar.contains("minicluster"));
  }

  /** Class path of the YARN. */
  static String yarnClassPath() throws IOException {
    return SparkHome.classPath(CLASS_PATH);
  }
}
