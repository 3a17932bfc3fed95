package dev.penstock.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * New files for a folder that come all at once, in place of others, whatever happens meanwhile.
 *
 * <p>They are written beside, below {@code _run-ID/}. {@link #commit} checks them and writes, last,
 * one small file that says what goes where and what goes away. Until then the folder is as it was;
 * from then on the new files are the ones that count, and {@link #publish} puts them in place. If
 * the process dies at any moment, the next owner's {@link #recover} either completes or removes
 * what it left.
 *
 * <p>While files are put in place there is none of those that say that the folder is whole, such as
 * a model's config.json: a reader finds no model rather than parts of two.
 *
 * <p>Whoever calls this has the folder's {@link Lease}. Used by one thread.
 */
public final class FolderUpdate {
  private static final String PREFIX = "_run-";
  private static final String MARKER = "penstock-run";
  private static final String IN_PLACE = "in-place";
  private static final String FILES = "files";
  private static final String COMMIT = "commit";
  private static final int MAX_LIST_BYTES = 1 << 26;

  private final Folder target;
  private final String folder;
  private final Folder own;

  private FolderUpdate(Folder target, String folder) {
    this.target = target;
    this.folder = folder;
    this.own = target.folder(folder);
  }

  /**
   * Begins an update.
   *
   * @param id names it among all; part of a folder's name
   */
  public static FolderUpdate begin(Folder target, String id) throws IOException {
    FolderUpdate update = new FolderUpdate(target, folderName(id));
    update.own.write(MARKER, (id + "\n").getBytes(UTF_8));
    return update;
  }

  /**
   * Name of the folder of an update, in which a run that has no lease of the folder itself takes
   * one before it begins.
   */
  public static String folderName(String id) {
    return PREFIX + id;
  }

  /**
   * What became of the update of a process that died.
   *
   * @param folder where it was
   * @param completed whether it was committed, and so completed; else it was removed
   */
  public record Recovered(String folder, boolean completed) {}

  /**
   * Completes or removes the updates of processes that died. Folders that no update made are left
   * alone, and so are those of runs that live, which have a lease in there.
   *
   * @param lease that of the folder, or of another on the same storage
   */
  public static List<Recovered> recover(Folder target, Lease lease) throws IOException {
    List<Recovered> recovered = new ArrayList<>();
    for (String name : target.folders()) {
      Folder own = target.folder(name);
      if (name.startsWith(PREFIX) && own.exists(MARKER) && !lease.isTaken(own)) {
        FolderUpdate update = new FolderUpdate(target, name);
        boolean committed = own.exists(COMMIT);
        if (committed) {
          update.publish();
        } else {
          update.abandon();
        }
        recovered.add(new Recovered(own.location(), committed));
      }
    }
    return recovered;
  }

  /** Where the new files are written, under the names that they will have. */
  public Folder files() {
    return own.folder(FILES);
  }

  /** A folder for what is needed meanwhile; it goes with the update. */
  public Folder scratch() {
    return own.folder("scratch");
  }

  /** The folder of the update, with both of them in it. */
  public Folder folder() {
    return own;
  }

  /**
   * Announces files that are written where they stay, since the storage moves them by copying. They
   * must be no older files, and nothing that makes the folder whole.
   */
  public void announce(Collection<String> names) throws IOException {
    for (String name : names) {
      if (target.exists(Folder.checkName(name))) {
        throw new IOException(
            String.format(
                Locale.ROOT, "%s/%s exists, and must not be replaced.", target.location(), name));
      }
    }
    own.write(IN_PLACE, String.join("\n", names).getBytes(UTF_8));
  }

  /**
   * Commits what was written: from now on it is what counts.
   *
   * @param whole files, old or new, that say that the folder is whole: removed first, put in place
   *     last
   * @param obsolete files of the folder that go away, if they are not among the new ones
   */
  public void commit(Collection<String> whole, Collection<String> obsolete) throws IOException {
    List<UpdateStep> steps = new ArrayList<>();
    Set<String> arriving = new TreeSet<>(files().listAll());
    Set<String> announced = announced();
    for (String name : announced) {
      steps.add(new UpdateStep(UpdateStep.Kind.KEEP, target.length(name), name));
    }
    whole.forEach(name -> steps.add(new UpdateStep(UpdateStep.Kind.CLEAR, 0, name)));
    for (String name : arriving) {
      if (!whole.contains(name)) {
        steps.add(put(name));
      }
    }
    for (String name : obsolete) {
      if (!arriving.contains(name) && !announced.contains(name)) {
        steps.add(new UpdateStep(UpdateStep.Kind.DELETE, 0, name));
      }
    }
    for (String name : whole) {
      if (arriving.contains(name)) {
        steps.add(put(name));
      }
    }
    own.write(COMMIT, UpdateStep.format(steps).getBytes(UTF_8));
  }

  private UpdateStep put(String name) throws IOException {
    return new UpdateStep(UpdateStep.Kind.PUT, files().length(name), name);
  }

  /** Puts committed files in place. If this fails, it may be called again. */
  public void publish() throws IOException {
    String list = new String(own.read(COMMIT, MAX_LIST_BYTES), UTF_8);
    List<UpdateStep> steps = UpdateStep.parse(list, own.location() + "/" + COMMIT);
    Set<String> arriving = new HashSet<>();
    for (UpdateStep step : steps) {
      if (step.kind() == UpdateStep.Kind.PUT) {
        arriving.add(step.name());
      }
    }
    for (UpdateStep step : steps) {
      String name = step.name();
      boolean waits = files().exists(name);
      switch (step.kind()) {
        case KEEP -> check(step);
        case CLEAR -> {
          if (waits || !arriving.contains(name)) {
            target.delete(name);
          }
        }
        case PUT -> {
          if (waits) {
            target.move(folder + "/" + FILES + "/" + name, name);
          }
          check(step);
        }
        case DELETE -> {
          target.delete(name);
          int slash = name.lastIndexOf('/');
          if (slash > 0) {
            target.folder(name.substring(0, slash)).deleteIfEmpty();
          }
        }
      }
    }
    own.delete(IN_PLACE); // first, or what is left of this could be taken for an update to remove
    own.deleteAll();
  }

  private void check(UpdateStep step) throws IOException {
    long bytes = target.exists(step.name()) ? target.length(step.name()) : -1;
    if (bytes != step.bytes()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s/%s must have %d bytes, but %s. It was changed since it was written.",
              target.location(),
              step.name(),
              step.bytes(),
              bytes < 0 ? "is not there" : "has " + bytes));
    }
  }

  /** Removes what was written. Not to be called once it was committed. */
  public void abandon() throws IOException {
    for (String name : announced()) {
      target.delete(name);
    }
    own.deleteAll();
  }

  private Set<String> announced() throws IOException {
    return own.exists(IN_PLACE)
        ? new TreeSet<>(new String(own.read(IN_PLACE, MAX_LIST_BYTES), UTF_8).lines().toList())
        : Set.of();
  }
}
