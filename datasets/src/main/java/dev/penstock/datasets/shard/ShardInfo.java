package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import dev.penstock.storage.Folder;
import java.io.Serializable;
import java.util.Locale;

/**
 * A finished shard file, as the manifest lists it.
 *
 * @param name its name in the store
 * @param sequences sequences in it
 * @param length its length in bytes
 * @param checksum CRC-32 of the whole file
 */
public record ShardInfo(String name, long sequences, long length, int checksum)
    implements Serializable {
  public ShardInfo {
    if (sequences < 0 || length < 0) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "The shard %s cannot have %d sequences and %d bytes.",
              name,
              sequences,
              length));
    }
    Folder.checkName(name);
  }
}
