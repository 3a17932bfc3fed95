package dev.penstock.engine.checkpoint;

import dev.penstock.storage.Folder;
import java.util.List;
import java.util.Locale;

/**
 * A file of a checkpoint.
 *
 * @param name in the checkpoint's folder
 * @param bytes its length
 * @param chunkBytes length of the pieces that are checked on their own; the last may be shorter
 * @param checksums CRC-32C of each piece
 * @param slices what it holds
 */
public record StoredFile(
    String name, long bytes, int chunkBytes, List<Long> checksums, List<StoredSlice> slices) {
  private static final int MAX_CHUNK_BYTES = 64 << 20;

  public StoredFile {
    Folder.checkName(name);
    checksums = List.copyOf(checksums);
    slices = List.copyOf(slices);
    boolean whole =
        bytes >= 0
            && chunkBytes > 0
            && chunkBytes <= MAX_CHUNK_BYTES
            && checksums.size() == (bytes + chunkBytes - 1) / chunkBytes;
    if (!whole) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s of %d bytes in pieces of %d cannot have %d checksums.",
              name,
              bytes,
              chunkBytes,
              checksums.size()));
    }
    for (StoredSlice slice : slices) {
      if (slice.end() > bytes) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s of tensor %s ends at byte %d of %s, which has %d.",
                slice.kind(),
                slice.slice().tensor(),
                slice.end(),
                name,
                bytes));
      }
    }
  }
}
