package dev.penstock.spark.fit;

import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.storage.FolderUpdate;
import dev.penstock.storage.Lease;
import dev.penstock.storage.LeaseHolder;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of a run's own in a stagingDir, which many runs may share. What runs that died left
 * there is removed.
 */
final class ClaimedScratch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClaimedScratch.class);

  private final FolderUpdate update;
  private final Lease lease;

  private ClaimedScratch(FolderUpdate update, Lease lease) {
    this.update = update;
    this.lease = lease;
  }

  static ClaimedScratch claim(String parent, String id, LeaseHolder holder, Configuration conf)
      throws IOException {
    HadoopFolder shared = HadoopFolder.of(parent, conf);
    Lease lease =
        Lease.take(
            HadoopFolder.of(parent, conf).folder(FolderUpdate.folderName(id)), holder, log::info);
    try {
      for (FolderUpdate.Recovered left : FolderUpdate.recover(shared, lease)) {
        log.info("Removed {}, which a run that died left", left.folder());
      }
      return new ClaimedScratch(FolderUpdate.begin(shared, id), lease);
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  /** Where what the run needs meanwhile lies. */
  String location() {
    return update.scratch().location();
  }

  @Override
  public void close() throws IOException {
    try (lease) {
      update.abandon();
    }
  }
}
