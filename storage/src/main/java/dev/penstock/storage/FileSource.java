package dev.penstock.storage;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/**
 * A folder to read files from. Used by one thread. Failures are {@link IOException}s whose message
 * names the whole path.
 */
public interface FileSource {
  /** The folder, as a user would name it; for messages. */
  String location();

  /** Whether there is a file, not a folder, of this name. */
  boolean exists(String name) throws IOException;

  /** Length in bytes; {@link java.nio.file.NoSuchFileException} if there is no such file. */
  long length(String name) throws IOException;

  /** Opens a file for reading at any position. The caller closes it. */
  SeekableByteChannel open(String name) throws IOException;
}
