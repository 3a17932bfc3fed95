package dev.penstock.engine.checkpoint;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a checkpoint is made of. Written last: a checkpoint without one does not exist.
 *
 * @param format version of the format
 * @param written when, in ISO 8601
 * @param identity which run wrote it
 * @param point how far the run had come
 * @param files the files, which together hold every tensor whole
 */
public record CheckpointManifest(
    int format, String written, RunIdentity identity, RunPoint point, List<StoredFile> files) {
  /** The format that this version writes and reads. */
  public static final int FORMAT = 1;

  public CheckpointManifest {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "The checkpoint has format %d, this version reads %d.", format, FORMAT));
    }
    files = List.copyOf(files);
    checkWhole(files);
  }

  private record Key(String kind, String tensor) {}

  private static void checkWhole(List<StoredFile> files) {
    Map<Key, Long> missing = new HashMap<>();
    for (StoredFile file : files) {
      for (StoredSlice stored : file.slices()) {
        TensorSlice slice = stored.slice();
        missing.merge(
            new Key(stored.kind(), slice.tensor()),
            slice.tensorNumel() - slice.numel(),
            (left, unused) -> left - slice.numel());
      }
    }
    missing.forEach(
        (key, elements) -> {
          if (elements != 0) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "%s of tensor %s: the files lack %d elements of it (negative: have so many twice).",
                    key.kind,
                    key.tensor,
                    elements));
          }
        });
  }

  /** Bytes of all files. */
  public long bytes() {
    return files.stream().mapToLong(StoredFile::bytes).sum();
  }
}
