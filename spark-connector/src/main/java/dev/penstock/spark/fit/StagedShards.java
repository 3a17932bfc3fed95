package dev.penstock.spark.fit;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.shard.ShardInfo;
import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.storage.Lease;
import dev.penstock.storage.LeaseHeldException;
import dev.penstock.storage.LeaseHolder;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder in which token shards outlive a fit, each set in a folder that is named by all that they
 * were made of: so another fit finds them, and nothing else for them. One fit at a time writes a
 * set.
 */
final class StagedShards {
  private static final Logger log = LoggerFactory.getLogger(StagedShards.class);
  private static final String PREFIX = "tokens-";
  private static final String SHARD = "shard-";

  private final String location;
  private final LeaseHolder holder;
  private final Configuration conf;

  StagedShards(String location, LeaseHolder holder, Configuration conf) {
    this.location = location;
    this.holder = holder;
    this.conf = conf;
  }

  /** Ingests rows. */
  interface Ingest {
    /**
     * @param folder where the shards and their manifest go
     */
    void into(String folder) throws IOException;
  }

  /**
   * Finds a set, or makes it.
   *
   * @param digest of all that it is made of
   * @param ingest makes it
   * @return the folder that it is in; nothing if another fit is making it
   */
  Optional<String> findOrMake(String digest, Ingest ingest) throws IOException {
    HadoopFolder folder = HadoopFolder.of(new Path(location, PREFIX + digest).toString(), conf);
    if (isWhole(folder)) {
      return Optional.of(folder.location());
    }
    try (Lease lease = Lease.take(HadoopFolder.of(folder.location(), conf), holder, log::info)) {
      if (!isWhole(folder)) { // another fit has made it meanwhile
        make(folder, lease, ingest);
      }
      return Optional.of(folder.location());
    } catch (LeaseHeldException e) {
      log.info("{} Its tokens are not waited for, but made once more", e.getMessage());
      return Optional.empty();
    }
  }

  private static void make(HadoopFolder folder, Lease lease, Ingest ingest) throws IOException {
    clear(folder); // what a fit left that died
    boolean made = false;
    try {
      ingest.into(folder.location());
      lease.check();
      made = true;
    } finally {
      if (!made) {
        clear(folder);
      }
    }
  }

  private static boolean isWhole(HadoopFolder folder) throws IOException {
    if (!folder.exists(ShardManifest.FILE_NAME)) {
      return false;
    }
    try {
      for (ShardInfo shard : ShardManifest.read(folder).shards()) {
        if (!folder.exists(shard.name()) || folder.length(shard.name()) != shard.length()) {
          log.warn("{} is not whole: {} is missing or cut", folder.location(), shard.name());
          return false;
        }
      }
    } catch (DatasetException e) {
      log.warn("{} is made once more", folder.location(), e);
      return false;
    }
    log.info("The tokens are found in {}", folder.location());
    return true;
  }

  /** The manifest first, so that what remains is never taken for a whole set. */
  private static void clear(HadoopFolder folder) throws IOException {
    folder.delete(ShardManifest.FILE_NAME);
    for (String name : folder.list()) {
      if (name.startsWith(SHARD)) {
        folder.delete(name);
      }
    }
  }

  /** Removes all sets; no fit may be reading one. */
  void remove() throws IOException {
    HadoopFolder all = HadoopFolder.of(location, conf);
    for (String name : all.folders()) {
      if (name.startsWith(PREFIX)) {
        HadoopFolder set = all.folder(name);
        clear(set);
        set.deleteIfEmpty();
      }
    }
    all.deleteIfEmpty();
  }
}
