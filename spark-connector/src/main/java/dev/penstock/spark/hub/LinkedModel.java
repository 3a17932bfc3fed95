package dev.penstock.spark.hub;

import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A model in the cache of a machine, where its snapshots are links: what two commits have in common
 * is there once, in {@code blobs/ETAG}.
 */
final class LinkedModel extends CachedModel {
  private static final String BLOBS = "blobs/";

  private final Path path;

  /**
   * @param path the folder that {@code folder} opens
   */
  LinkedModel(Supplier<? extends Folder> folder, Path path) {
    super(folder);
    this.path = path;
  }

  @Override
  boolean adopt(String commit, RemoteFile file) throws IOException {
    if (super.adopt(commit, file)) {
      return true;
    }
    String blob = BLOBS + file.etag();
    Folder blobs = folder();
    if (!blobs.exists(blob)
        || (file.size().isPresent() && file.size().getAsLong() != blobs.length(blob))) {
      return false;
    }
    publish(commit, file);
    return true;
  }

  @Override
  Place place(String commit, RemoteFile file) {
    return new Place(folder(), BLOBS + file.etag());
  }

  @Override
  void publish(String commit, RemoteFile file) throws IOException {
    Path blob = path.resolve(BLOBS + file.etag());
    Path link = path.resolve("snapshots").resolve(commit).resolve(file.name());
    Files.createDirectories(link.getParent());
    if (!Files.exists(link)) {
      Files.deleteIfExists(link); // one that leads nowhere
    }
    try {
      Files.createSymbolicLink(link, link.getParent().relativize(blob));
    } catch (FileAlreadyExistsException e) {
      // another process has fetched it too
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.move(blob, link); // a disk without links, on which the snapshot keeps the file itself
    }
  }
}
