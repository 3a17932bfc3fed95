package dev.penstock.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lease files of a folder: one for each run that holds it or asks for it. */
final class LeaseFiles {
  static final String PREFIX = "_lease-";
  private static final int MAX_BYTES = 4096;
  private static final int ATTEMPTS = 5;

  private final Folder folder;

  LeaseFiles(Folder folder) {
    this.folder = folder;
  }

  /**
   * One of them.
   *
   * @param name of the file
   * @param holder who wrote it
   * @param held whether it has the folder, or asks for it
   * @param modifiedMillis when it was last renewed, by the storage's clock
   */
  record Entry(String name, LeaseHolder holder, boolean held, long modifiedMillis) {
    boolean isDead(long nowMillis, LeaseTiming timing) {
      return nowMillis - modifiedMillis > timing.validity().toMillis();
    }
  }

  /** All but one's own. */
  List<Entry> others(String own) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String name : folder.list()) {
      if (name.startsWith(PREFIX) && !name.equals(own)) {
        Entry entry = read(name);
        if (entry != null) {
          entries.add(entry);
        }
      }
    }
    return entries;
  }

  /** One of them; null if it was given back since it was listed. */
  private @Nullable Entry read(String name) throws IOException {
    IOException failure = null;
    for (int attempt = 0; attempt < ATTEMPTS && folder.exists(name); attempt++) {
      try {
        byte[] bytes = folder.read(name, MAX_BYTES);
        return new Entry(
            name, LeaseHolder.parse(bytes), LeaseHolder.isHeld(bytes), folder.modifiedMillis(name));
      } catch (NoSuchFileException | FileNotFoundException e) {
        failure = e; // given back, or renewed, which on some storage takes the open file away
      }
    }
    if (failure != null && folder.exists(name)) {
      throw failure;
    }
    return null;
  }

  /** Writes or renews one; returns the storage's time. */
  long write(String name, LeaseHolder holder, boolean held) throws IOException {
    folder.write(name, holder.toBytes(held));
    return folder.modifiedMillis(name);
  }

  boolean exists(String name) throws IOException {
    return folder.exists(name);
  }

  void delete(String name) throws IOException {
    folder.delete(name);
  }

  String location() {
    return folder.location();
  }
}
