package dev.penstock.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A local file that is written under another name beside it; committing forces it to the disk and
 * renames it.
 */
final class LocalFile extends FileOutput {
  private static final String SUFFIX = ".unfinished";

  /** A file channel keeps a native buffer as large as the largest write from the heap. */
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path path;
  private final Path unfinished;
  private final FileChannel channel;

  private LocalFile(Path path, Path unfinished, FileChannel channel) {
    this.path = path;
    this.unfinished = unfinished;
    this.channel = channel;
  }

  static LocalFile create(Path path) throws IOException {
    Path unfinished =
        path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID() + SUFFIX);
    FileChannel channel =
        FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new LocalFile(path, unfinished, channel);
  }

  static boolean isUnfinished(Path path) {
    return isUnfinished(path, "");
  }

  /** Whether it is what there is so far of a file. */
  static boolean isUnfinishedOf(Path path, String file) {
    return isUnfinished(path, file + ".");
  }

  private static boolean isUnfinished(Path path, String beginning) {
    String name = path.getFileName().toString();
    return name.startsWith("." + beginning) && name.endsWith(SUFFIX);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int end = offset + length;
    int position = offset;
    while (position < end) {
      int chunk = Math.min(end - position, CHUNK_BYTES);
      position += channel.write(ByteBuffer.wrap(bytes, position, chunk));
    }
  }

  @Override
  protected void publish() throws IOException {
    channel.force(true /* metadata too */);
    channel.close();
    Files.move(
        unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  protected void keep() throws IOException {
    channel.close();
  }

  @Override
  protected void abort() throws IOException {
    try (channel) {
      Files.deleteIfExists(unfinished);
    }
  }
}
