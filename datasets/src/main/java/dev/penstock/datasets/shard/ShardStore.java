package dev.penstock.datasets.shard;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.List;

/**
 * A folder of files: where shards are written to and read from. The host supplies it (local files
 * here; Hadoop FS in spark-connector).
 *
 * <p>Names are relative to the folder, with {@code /} between parts. Used by one thread at a time.
 * Failures are {@link IOException}s whose message names the whole path.
 */
public interface ShardStore {
  /** The folder, as a user would name it; for messages. */
  String location();

  boolean exists(String name) throws IOException;

  /** Length in bytes; {@link java.nio.file.NoSuchFileException} if there is no such file. */
  long length(String name) throws IOException;

  /** Names of the files directly in the folder, sorted. Empty if there is no folder. */
  List<String> list() throws IOException;

  /** Opens a file for reading at any position. The caller closes it. */
  SeekableByteChannel open(String name) throws IOException;

  /**
   * Creates or replaces a file. It is visible to readers at the latest when the stream was closed,
   * and then whole. The caller closes it; parents are made as needed. Closing the stream publishes
   * what was written, so what must be complete is committed by a manifest that is written last.
   */
  OutputStream create(String name) throws IOException;

  /** Removes a file; does nothing if there is none. */
  void delete(String name) throws IOException;

  /**
   * Returns {@code name} if it stays within the folder; every store calls this first, because names
   * come out of files too.
   *
   * @throws IllegalArgumentException if it is empty or absolute, or has a part that is empty,
   *     {@code .} or {@code ..}, or a backslash, colon or control character
   */
  static String checkName(String name) {
    boolean stays = name.chars().noneMatch(c -> c == '\\' || c == ':' || c < ' ');
    for (String part : name.split("/", -1)) {
      stays &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
    }
    if (!stays) {
      throw new IllegalArgumentException(
          "'%s' does not name a file within the folder. Use a relative name such as a/b.json."
              .formatted(name));
    }
    return name;
  }
}
