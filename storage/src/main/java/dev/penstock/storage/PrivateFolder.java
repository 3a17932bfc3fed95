package dev.penstock.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * A folder of this user's own: no link, and nobody else can write in it.
 *
 * @param closedTo who else must not be able to write
 */
record PrivateFolder(Path path, Set<PosixFilePermission> closedTo) {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final Set<PosixFilePermission> ANYBODY =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  /** The number of the user that this process runs as, which has a name only on some hosts. */
  static int user() throws IOException {
    Path probe = Files.createTempFile("penstock", "");
    try {
      return (Integer) Files.getAttribute(probe, "unix:uid");
    } finally {
      Files.delete(probe);
    }
  }

  /** Whether there is such a folder, it is the user's, and files can be made in it. */
  static boolean isOwn(Path folder) throws IOException {
    return Files.isDirectory(folder)
        && Files.isWritable(folder)
        && (Integer) Files.getAttribute(folder, "unix:uid") == user();
  }

  /** A home, which may be a link, and whose folders the user's group may write. */
  static PrivateFolder home(Path folder) {
    return new PrivateFolder(folder, EnumSet.of(PosixFilePermission.OTHERS_WRITE));
  }

  /**
   * Opens the folder, or makes it; parents are made as needed, and may be anybody's.
   *
   * @throws IOException if it is a link, another user's, or others can write in it
   */
  static PrivateFolder open(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath();
    Path parent = absolute.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    PrivateFolder opened = new PrivateFolder(absolute, ANYBODY);
    opened.make(absolute);
    return opened;
  }

  /** A folder in here, each part of which is private too. */
  Path below(String name) throws IOException {
    Path folder = path;
    for (String part : name.split("/", -1)) {
      folder = make(folder.resolve(part));
    }
    return folder;
  }

  private Path make(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, OWNER_ONLY);
    } catch (FileAlreadyExistsException e) {
      check(folder);
    }
    return folder;
  }

  private void check(Path folder) throws IOException {
    PosixFileAttributes found =
        Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isDirectory()) {
      throw new IOException(folder + " is a link or a file");
    }
    if ((Integer) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS) != user()) {
      throw new IOException("%s belongs to %s".formatted(folder, found.owner().getName()));
    }
    for (PosixFilePermission permission : closedTo) {
      if (found.permissions().contains(permission)) {
        throw new IOException(
            "%s can be written by others (%s)"
                .formatted(folder, PosixFilePermissions.toString(found.permissions())));
      }
    }
    if (!Files.isWritable(folder)) {
      throw new IOException(folder + " cannot be written");
    }
  }
}
