package dev.penstock.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Locale;

/**
 * A folder of files that is read and written: models, checkpoints, token shards. The host supplies
 * it (local files here; Hadoop's file systems in spark-connector).
 *
 * <p>Names are relative to the folder, with {@code /} between parts. Used by one thread at a time,
 * and opened anew by each rank. Failures are {@link IOException}s whose message names the whole
 * path.
 */
public interface Folder extends FileSource {
  /** Names of the files directly in the folder, sorted. Empty if there is no folder. */
  List<String> list() throws IOException;

  /**
   * Names of all files in the folder and the folders in it, sorted, with {@code /} between parts.
   * Empty if there is no folder.
   */
  List<String> listAll() throws IOException;

  /** Names of the folders directly in here that hold a file, or are kept without, sorted. */
  List<String> folders() throws IOException;

  /** A folder in this one, which need not exist. */
  Folder folder(String name);

  /**
   * When a file was last written, in milliseconds since 1970 by the clock of the storage; {@link
   * java.nio.file.NoSuchFileException} if there is no such file.
   */
  long modifiedMillis(String name) throws IOException;

  /**
   * All bytes of a file that is small.
   *
   * @throws IOException if it has more than {@code maxBytes}
   */
  default byte[] read(String name, int maxBytes) throws IOException {
    try (InputStream in = Channels.newInputStream(open(name))) {
      byte[] bytes = in.readNBytes(maxBytes);
      if (in.read() >= 0) {
        throw new IOException(
            String.format(
                Locale.ROOT, "%s/%s has more than %d bytes.", location(), name, maxBytes));
      }
      return bytes;
    }
  }

  /**
   * Begins a file, which is there, whole, when it was committed, in place of an older one of its
   * name. Parents are made as needed. The caller closes the output.
   */
  FileOutput create(String name) throws IOException;

  /** Creates or replaces a small file. */
  default void write(String name, byte[] bytes) throws IOException {
    try (FileOutput out = create(name)) {
      out.write(bytes);
      out.commit();
    }
  }

  /**
   * What is written so far of a file that is not committed, by those who are at it and those who
   * died or {@linkplain FileOutput#leave left} it: names that can be opened, measured and deleted,
   * sorted. Empty on storage that shows nothing of a file before it is whole.
   */
  List<String> unfinished(String name) throws IOException;

  /** Removes a file; does nothing if there is none. */
  void delete(String name) throws IOException;

  /**
   * Whether {@link #move} costs no copy of the bytes: it does not on disks and HDFS, but on object
   * stores, where large files had better be written under their last name at once.
   */
  boolean movesCheaply() throws IOException;

  /**
   * Gives a file another name, in place of an older one of that name. Parents are made as needed.
   *
   * @throws java.nio.file.NoSuchFileException if there is no file {@code from}
   */
  void move(String from, String to) throws IOException;

  /** Removes the folder and all that is in it; does nothing if there is none. */
  void deleteAll() throws IOException;

  /** Removes the folder if nothing is in it. */
  void deleteIfEmpty() throws IOException;

  /**
   * Returns {@code name} if it stays within the folder; every folder calls this first, because
   * names come out of files too.
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
