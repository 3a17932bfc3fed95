package dev.penstock.examples.bench;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** The Spark that is measured, on this machine, and the text that it reads. */
final class LocalSpark {
  @Option(
      names = "--master",
      description = "local[N] or local-cluster[N,1,2048] (default: ${DEFAULT-VALUE})")
  private String master = "local[2]";

  @Option(names = "--data", required = true, description = "folder of the quickstart's data")
  private String data;

  /** Starts it; executors get the class path of this JVM. */
  SparkSession start() {
    return SparkSession.builder()
        .master(master)
        .appName("penstock-bench")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .getOrCreate();
  }

  /** The quickstart's verses: columns ref and text. */
  Dataset<Row> verses(SparkSession spark) {
    return spark.read().option("header", true).option("sep", "\t").csv(data + "/kjv.tsv.gz");
  }

  String master() {
    return master;
  }

  String data() {
    return data;
  }
}
