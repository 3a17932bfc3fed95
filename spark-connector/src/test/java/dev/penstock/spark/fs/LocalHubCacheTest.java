package dev.penstock.spark.fs;

import org.apache.hadoop.conf.Configuration;

class LocalHubCacheTest extends HubCacheContract {
  @Override
  String folder() {
    return home.resolve("shared").toUri().toString();
  }

  @Override
  Configuration conf() {
    return new Configuration(false);
  }
}
