package dev.penstock.spark.barrier;

import java.io.File;
import org.apache.spark.SparkFiles;

/**
 * Where this JVM unpacks its native libraries. By default that is one folder of the user for all
 * JVMs of a host, and executors that start together race to fill it.
 */
public final class NativeLibraryCache {
  private static final String CACHE_DIR = "org.bytedeco.javacpp.cachedir";

  private NativeLibraryCache() {}

  /** Gives this executor a folder of its own, unless a property names one. Before the first use. */
  public static synchronized void keepApart() {
    if (System.getProperty(CACHE_DIR) == null) {
      System.setProperty(
          CACHE_DIR, new File(SparkFiles.getRootDirectory(), "javacpp").getAbsolutePath());
    }
  }
}
