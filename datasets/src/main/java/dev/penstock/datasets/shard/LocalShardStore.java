package dev.penstock.datasets.shard;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder of the local file system. A file appears whole, when its stream is closed. */
public final class LocalShardStore implements ShardStore {
  private final Path folder;

  /** A store in {@code folder}, which need not exist yet. */
  public LocalShardStore(Path folder) {
    this.folder = requireNonNull(folder, "folder is null").toAbsolutePath().normalize();
  }

  @Override
  public String location() {
    return folder.toString();
  }

  @Override
  public boolean exists(String name) {
    return Files.isRegularFile(resolve(name));
  }

  @Override
  public long length(String name) throws IOException {
    return Files.size(existing(name));
  }

  @Override
  public List<String> list() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(folder)) {
      return paths
          .filter(path -> Files.isRegularFile(path) && !AtomicFileStream.isUnfinished(path))
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public SeekableByteChannel open(String name) throws IOException {
    return Files.newByteChannel(existing(name));
  }

  @Override
  public OutputStream create(String name) throws IOException {
    Path path = resolve(name);
    Files.createDirectories(path.getParent());
    return AtomicFileStream.create(path);
  }

  @Override
  public void delete(String name) throws IOException {
    Path path = resolve(name);
    if (Files.isRegularFile(path)) {
      Files.deleteIfExists(path);
    }
  }

  private Path existing(String name) throws NoSuchFileException {
    Path path = resolve(name);
    if (!Files.isRegularFile(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return path;
  }

  private Path resolve(String name) {
    return folder.resolve(ShardStore.checkName(name));
  }
}
