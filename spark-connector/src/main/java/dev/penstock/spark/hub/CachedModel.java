package dev.penstock.spark.hub;

import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A model in a cache, in the layout of huggingface_hub: {@code refs/REVISION} holds a commit,
 * {@code snapshots/COMMIT} its files, {@code .no_exist/COMMIT} the names of files that it does not
 * have. Works on any storage: where there are no links, the hub's own clients keep plain files in
 * the snapshots too. Thread-safe.
 */
class CachedModel {
  private static final int MAX_REF_BYTES = 1000;

  /** The name of a file in a folder. */
  record Place(Folder folder, String name) {}

  private final Supplier<? extends Folder> folder;

  /**
   * @param folder opens the folder of the model, which need not exist; called by each thread
   */
  CachedModel(Supplier<? extends Folder> folder) {
    this.folder = folder;
  }

  final Folder folder() {
    return folder.get();
  }

  /** The commit that a revision was when it was fetched. */
  Optional<String> commit(String revision) throws IOException {
    if (HubName.isCommit(revision)) {
      return Optional.of(revision);
    }
    Folder refs = folder();
    String name = "refs/" + revision;
    if (!refs.exists(name)) {
      return Optional.empty();
    }
    String commit = new String(refs.read(name, MAX_REF_BYTES), StandardCharsets.UTF_8).strip();
    return Optional.of(commit).filter(HubName::isCommit);
  }

  /** Notes what a revision is. */
  void remember(String revision, String commit) throws IOException {
    if (!HubName.isCommit(revision) && !commit(revision).equals(Optional.of(commit))) {
      folder().write("refs/" + revision, commit.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The files of a commit. */
  Folder snapshot(String commit) {
    return folder().folder("snapshots/" + commit);
  }

  /** Whether it is known that a commit has no such file. */
  boolean lacks(String commit, String file) throws IOException {
    return folder().exists(absent(commit, file));
  }

  /** Notes that a commit has no such file. */
  void noteAbsent(String commit, String file) throws IOException {
    folder().write(absent(commit, file), new byte[0]);
  }

  private static String absent(String commit, String file) {
    return ".no_exist/" + commit + "/" + file;
  }

  /**
   * Takes a file in without its bytes, if they are here already.
   *
   * @return whether they are
   */
  boolean adopt(String commit, RemoteFile file) throws IOException {
    return snapshot(commit).exists(file.name());
  }

  /**
   * Where a file is written, under a name that tells its content; it is part of the commit once
   * {@link #publish} was called.
   */
  Place place(String commit, RemoteFile file) {
    return new Place(snapshot(commit), file.name());
  }

  /** Makes a file that was written whole part of a commit. */
  void publish(String commit, RemoteFile file) throws IOException {
    // the output has put it there
  }
}
