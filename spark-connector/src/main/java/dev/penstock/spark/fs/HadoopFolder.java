package dev.penstock.spark.fs;

import dev.penstock.storage.FileOutput;
import dev.penstock.storage.Folder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.StreamCapabilities;
import org.jspecify.annotations.Nullable;

/**
 * A folder on any Hadoop file system. Made where it is used, so that the file system is that of the
 * process's own user and tokens.
 */
public final class HadoopFolder implements Folder {
  private final Path root;
  private final FileSystem fs;

  private HadoopFolder(Path root, FileSystem fs) {
    this.root = root;
    this.fs = fs;
  }

  /** The folder, which need not exist. */
  public static HadoopFolder of(String folder, Configuration conf) throws IOException {
    Path path = new Path(folder);
    FileSystem fs = path.getFileSystem(conf);
    // Local files without Hadoop's hidden .crc files, which no other tool writes or keeps.
    FileSystem raw =
        fs instanceof ChecksumFileSystem withChecksums ? withChecksums.getRawFileSystem() : fs;
    return new HadoopFolder(raw.makeQualified(path), raw);
  }

  /** The whole path, with its scheme. */
  @Override
  public String location() {
    return root.toString();
  }

  /**
   * The folder that a file in here names. A file may come from anybody, so no other file system is
   * opened for it.
   *
   * @return null if the name is that of a folder on another file system
   */
  @Nullable HadoopFolder named(String name) {
    Path path = new Path(name);
    URI uri = path.toUri();
    boolean plain = uri.getScheme() == null && uri.getAuthority() == null;
    return plain || isOn(uri) ? new HadoopFolder(fs.makeQualified(path), fs) : null;
  }

  /** How a file in here names a folder: by its plain path, if it is on this file system. */
  String nameOf(HadoopFolder folder) {
    URI uri = folder.root.toUri();
    return isOn(uri) ? uri.getPath() : folder.location();
  }

  private boolean isOn(URI uri) {
    URI own = root.toUri();
    return own.getScheme().equalsIgnoreCase(uri.getScheme())
        && Objects.equals(own.getAuthority(), uri.getAuthority());
  }

  /** Whether there is such a folder, even an empty one. */
  public boolean isThere() throws IOException {
    return isFolder(root);
  }

  /** Whether a folder is impossible here, because a file has its name. */
  public boolean isFile() throws IOException {
    try {
      return fs.getFileStatus(root).isFile();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  private boolean isFolder(Path path) throws IOException {
    try {
      return fs.getFileStatus(path).isDirectory();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /** Bytes that files in here may take together, as far as the file system knows. */
  public long freeBytes() throws IOException {
    Path existing = root;
    while (existing.getParent() != null && !isFolder(existing)) {
      existing = existing.getParent();
    }
    return fs.getStatus(existing).getRemaining() / Math.max(1, fs.getDefaultReplication(root));
  }

  /** Removes the folder when this JVM ends. */
  public void deleteOnExit(Configuration conf) throws IOException {
    root.getFileSystem(conf).deleteOnExit(root); // of the shared object, which the end closes
  }

  @Override
  public boolean exists(String name) throws IOException {
    try {
      return fs.getFileStatus(path(name)).isFile();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  @Override
  public long length(String name) throws IOException {
    return status(name).getLen();
  }

  @Override
  public long modifiedMillis(String name) throws IOException {
    return status(name).getModificationTime();
  }

  /**
   * When files that lie in this folder itself were written, in milliseconds since 1970, and how
   * long they are, in the order of their names: numbers that change when one of them does.
   *
   * @param names which files
   */
  public List<Long> versions(Predicate<String> names) throws IOException {
    return Arrays.stream(entries(root))
        .filter(entry -> entry.isFile() && names.test(entry.getPath().getName()))
        .sorted(Comparator.comparing(entry -> entry.getPath().getName()))
        .flatMap(entry -> Stream.of(entry.getModificationTime(), entry.getLen()))
        .toList();
  }

  @Override
  public List<String> list() throws IOException {
    List<String> names = new ArrayList<>();
    addFiles(root, "", false, names);
    Collections.sort(names);
    return names;
  }

  @Override
  public List<String> listAll() throws IOException {
    List<String> names = new ArrayList<>();
    if (movesCheaply()) {
      addFiles(root, "", true, names);
    } else {
      addFlatListing(names);
    }
    Collections.sort(names);
    return names;
  }

  /** Without Hadoop's listFiles, which on local disks starts a process for each file. */
  private void addFiles(Path folder, String prefix, boolean below, List<String> names)
      throws IOException {
    for (FileStatus entry : entries(folder)) {
      String name = prefix + entry.getPath().getName();
      if (entry.isDirectory() && below) {
        addFiles(entry.getPath(), name + "/", true, names);
      } else if (entry.isFile() && !entry.getPath().equals(folder)) {
        addFinished(name, names);
      }
    }
  }

  /** What is in a folder; nothing if there is none, or no more. */
  private FileStatus[] entries(Path folder) throws IOException {
    try {
      return fs.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  /** Object stores list all below in few calls. */
  private void addFlatListing(List<String> names) throws IOException {
    try {
      RemoteIterator<LocatedFileStatus> files = fs.listFiles(root, true);
      while (files.hasNext()) {
        addFinished(root.toUri().relativize(files.next().getPath().toUri()).getPath(), names);
      }
    } catch (FileNotFoundException e) {
      // there is none
    }
  }

  private static void addFinished(String name, List<String> names) {
    if (!HadoopFile.isUnfinished(name)) {
      names.add(name);
    }
  }

  @Override
  public List<String> folders() throws IOException {
    List<String> names = new ArrayList<>();
    for (FileStatus status : entries(root)) {
      if (status.isDirectory()) {
        names.add(status.getPath().getName());
      }
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public HadoopFolder folder(String name) {
    return new HadoopFolder(path(name), fs);
  }

  @Override
  public SeekableByteChannel open(String name) throws IOException {
    long length = length(name);
    try {
      return new HadoopChannel(fs.open(path(name)), length);
    } catch (FileNotFoundException e) {
      throw missing(name, e);
    }
  }

  /** All bytes of a file that is small. */
  public byte[] read(String name) throws IOException {
    try (var in = fs.open(path(name))) {
      return in.readAllBytes();
    } catch (FileNotFoundException e) {
      throw missing(name, e);
    }
  }

  /** The text of a file that is small, which is UTF-8. */
  public String readText(String name) throws IOException {
    return new String(read(name), StandardCharsets.UTF_8);
  }

  @Override
  public FileOutput create(String name) throws IOException {
    return HadoopFile.create(fs, path(name));
  }

  @Override
  public List<String> unfinished(String name) throws IOException {
    Path path = path(name);
    List<String> names = new ArrayList<>();
    if (movesCheaply()) {
      for (FileStatus status : entries(path.getParent())) {
        if (HadoopFile.isUnfinishedOf(status.getPath().getName(), path.getName())) {
          names.add(name.substring(0, name.lastIndexOf('/') + 1) + status.getPath().getName());
        }
      }
      Collections.sort(names);
    }
    return names;
  }

  /** A file in which others see what was flushed; null where there is no such thing. */
  @Nullable FSDataOutputStream createFlushable(String name) throws IOException {
    if (!movesCheaply()) {
      return null;
    }
    FSDataOutputStream out = fs.create(path(name), true);
    if (out.hasCapability(StreamCapabilities.HFLUSH)) {
      return out;
    }
    out.close();
    return null;
  }

  @Override
  public void delete(String name) throws IOException {
    fs.delete(path(name), false);
  }

  /** Streams of object stores can be given up; where a rename is a copy, they are all there is. */
  @Override
  public boolean movesCheaply() throws IOException {
    return !fs.hasPathCapability(root, CommonPathCapabilities.ABORTABLE_STREAM);
  }

  @Override
  public void move(String from, String to) throws IOException {
    status(from);
    if (movesCheaply()) {
      fs.mkdirs(path(to).getParent());
    } else {
      fs.delete(path(to), false); // these do not rename in place of a file, and need no folders
    }
    ReplacingRename.rename(fs, path(from), path(to));
  }

  @Override
  public void deleteIfEmpty() throws IOException {
    try {
      if (fs.listStatus(root).length == 0) {
        fs.delete(root, false);
      }
    } catch (FileNotFoundException e) {
      // there is none
    }
  }

  /** Copies a file into another folder, replacing one there. */
  void copyTo(HadoopFolder target, String name) throws IOException {
    try (InputStream in = fs.open(path(name));
        FileOutput out = target.create(name)) {
      in.transferTo(out);
      out.commit();
    }
  }

  @Override
  public void deleteAll() throws IOException {
    fs.delete(root, true);
  }

  private FileStatus status(String name) throws IOException {
    try {
      return fs.getFileStatus(path(name));
    } catch (FileNotFoundException e) {
      throw missing(name, e);
    }
  }

  private NoSuchFileException missing(String name, FileNotFoundException cause) {
    NoSuchFileException missing = new NoSuchFileException(path(name).toString());
    missing.initCause(cause);
    return missing;
  }

  private Path path(String name) {
    return new Path(root, Folder.checkName(name));
  }
}
