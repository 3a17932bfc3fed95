package dev.penstock.storage;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A folder of the local file system. */
public final class LocalFolder implements Folder {
  private final Path folder;

  /** {@code folder}, which need not exist yet. */
  public LocalFolder(Path folder) {
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
    return list(1);
  }

  @Override
  public List<String> listAll() throws IOException {
    return list(Integer.MAX_VALUE);
  }

  private List<String> list(int depth) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    Files.walkFileTree(
        folder,
        Set.of(),
        depth,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            if (Files.isRegularFile(path) && !LocalFile.isUnfinished(path)) {
              names.add(folder.relativize(path).toString().replace('\\', '/'));
            }
            return FileVisitResult.CONTINUE;
          }

          /** Others change the folder meanwhile: what is gone is not there. */
          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    Collections.sort(names);
    return List.copyOf(names);
  }

  @Override
  public List<String> folders() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(folder)) {
      return paths
          .filter(path -> Files.isDirectory(path))
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public LocalFolder folder(String name) {
    return new LocalFolder(resolve(name));
  }

  @Override
  public long modifiedMillis(String name) throws IOException {
    return Files.getLastModifiedTime(existing(name)).toMillis();
  }

  @Override
  public SeekableByteChannel open(String name) throws IOException {
    return Files.newByteChannel(existing(name));
  }

  @Override
  public FileOutput create(String name) throws IOException {
    Path path = resolve(name);
    Files.createDirectories(path.getParent());
    return LocalFile.create(path);
  }

  @Override
  public List<String> unfinished(String name) throws IOException {
    Path path = resolve(name);
    if (!Files.isDirectory(path.getParent())) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(path.getParent())) {
      return paths
          .filter(other -> LocalFile.isUnfinishedOf(other, path.getFileName().toString()))
          .map(other -> folder.relativize(other).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Path path = resolve(name);
    if (Files.isRegularFile(path)) {
      Files.deleteIfExists(path);
    }
  }

  @Override
  public boolean movesCheaply() {
    return true;
  }

  @Override
  public void move(String from, String to) throws IOException {
    Path source = existing(from);
    Path target = resolve(to);
    Files.createDirectories(target.getParent());
    Files.move(source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void deleteIfEmpty() throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // it stays
    }
  }

  @Override
  public void deleteAll() throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> paths = Files.walk(folder)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
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
    return folder.resolve(Folder.checkName(name));
  }
}
