package dev.penstock.spark.barrier;

/**
 * Properties that the native presets read when a JVM first uses them. What the user set with {@code
 * spark.executor.extraJavaOptions} stays.
 */
public final class NativeSettings {
  /** With a limit, the presets ask the operating system how much memory is used at each tensor. */
  private static final String[] MEMORY_LIMITS = {
    "org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes"
  };

  private NativeSettings() {}

  /** Sets the properties, before the first use. */
  public static synchronized void prepare() {
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
