package dev.penstock.spark.fs;

import org.apache.hadoop.conf.Configuration;

class S3HubCacheIT extends HubCacheContract {
  @Override
  String folder() {
    return TestS3.newFolder();
  }

  @Override
  Configuration conf() {
    return TestS3.configure(new Configuration());
  }
}
