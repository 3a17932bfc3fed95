package dev.penstock.spark.barrier;

import java.io.File;
import org.apache.spark.SparkFiles;

/**
 * Properties that the native presets read when a JVM first uses them. What the user set with {@code
 * spark.executor.extraJavaOptions} stays.
 */
public final class NativeSettings {
  private static final String CACHE_DIR = "org.bytedeco.javacpp.cachedir";

  /** With a limit, the presets ask the operating system how much memory is used at each tensor. */
  private static final String[] MEMORY_LIMITS = {
    "org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes"
  };

  private NativeSettings() {}

  /**
   * Sets the properties, before the first use.
   *
   * @param localMode whether this is the driver; else an executor, which gets a folder of its own
   *     for its native libraries: by default that is one for all JVMs of a user on a host, and
   *     executors that start together race to fill it
   */
  public static synchronized void prepare(boolean localMode) {
    for (String limit : MEMORY_LIMITS) {
      setIfAbsent(limit, "0");
    }
    if (!localMode) {
      setIfAbsent(CACHE_DIR, new File(SparkFiles.getRootDirectory(), "javacpp").getAbsolutePath());
    }
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
