package dev.penstock.spark.interop;

import dev.penstock.storage.NativeFolders;
import org.apache.spark.SparkEnv;

/**
 * Properties that the native presets read when a JVM first uses them. What the user set with {@code
 * spark.executor.extraJavaOptions} stays.
 */
public final class NativeSettings {
  /** With a limit, the presets ask the operating system how much memory is used at each tensor. */
  private static final String[] MEMORY_LIMITS = {
    "org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes"
  };

  /** The Spark setting: the same for driver and executors, fit and scoring. */
  private static final String FOLDER = "spark.penstock.nativesDir";

  private NativeSettings() {}

  /**
   * Sets the properties, before the first use, and makes sure that the libraries can be unpacked.
   *
   * @throws java.io.UncheckedIOException if they cannot
   */
  public static synchronized void prepare() {
    SparkEnv env = SparkEnv.get();
    if (env != null && env.conf().contains(FOLDER)) {
      setIfAbsent(NativeFolders.FOLDER, env.conf().get(FOLDER));
    }
    NativeFolders.prepare();
    for (String limit : MEMORY_LIMITS) {
      setIfAbsent(limit, "0");
    }
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
