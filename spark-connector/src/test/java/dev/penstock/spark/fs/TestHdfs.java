package dev.penstock.spark.fs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.server.namenode.EditLogFileOutputStream;

/** One HDFS for all tests of this JVM, which ends it. */
public final class TestHdfs {
  private static final MiniDFSCluster CLUSTER = start();

  private TestHdfs() {}

  private static MiniDFSCluster start() {
    try {
      EditLogFileOutputStream.setShouldSkipFsyncForTesting(true);
      String folder = Files.createTempDirectory("penstock-hdfs").toString();
      return new MiniDFSCluster.Builder(new Configuration(), new java.io.File(folder)).build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** URI of a folder that no test had before, and that does not exist. */
  public static String newFolder() {
    return CLUSTER.getURI() + "/" + UUID.randomUUID();
  }
}
