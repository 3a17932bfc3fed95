package dev.penstock.spark.cli;

import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * The Spark that a command runs in: that of spark-submit, one that is there already, or one of this
 * process on all cores of the machine.
 *
 * @param spark the session
 * @param ours whether it ends with the command
 */
record LocalSpark(SparkSession spark, boolean ours) implements AutoCloseable {
  static LocalSpark start(String name) {
    boolean ours =
        SparkSession.getActiveSession().isEmpty() && SparkSession.getDefaultSession().isEmpty();
    SparkSession.Builder builder = SparkSession.builder().appName(name);
    if (!new SparkConf().contains("spark.master")) {
      builder =
          builder
              .master("local[*]")
              .config("spark.ui.enabled", "false")
              .config("spark.driver.host", "127.0.0.1")
              .config("spark.driver.bindAddress", "127.0.0.1")
              .config("spark.executor.heartbeatInterval", "1s");
    }
    return new LocalSpark(builder.getOrCreate(), ours);
  }

  @Override
  public void close() {
    if (ours) {
      spark.stop();
    }
  }
}
