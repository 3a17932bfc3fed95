package dev.penstock.spark.fs;

import org.apache.hadoop.conf.Configuration;

class HdfsHubCacheIT extends HubCacheContract {
  @Override
  String folder() {
    return TestHdfs.newFolder();
  }

  @Override
  Configuration conf() {
    return new Configuration();
  }
}
