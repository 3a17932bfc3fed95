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
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
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

  @Override
  public List<String> list() throws IOException {
    return list(false);
  }

  @Override
  public List<String> listAll() throws IOException {
    return list(true);
  }

  private List<String> list(boolean below) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      RemoteIterator<LocatedFileStatus> files = fs.listFiles(root, below);
      while (files.hasNext()) {
        String name = root.toUri().relativize(files.next().getPath().toUri()).getPath();
        if (!HadoopFile.isUnfinished(name)) {
          names.add(name);
        }
      }
    } catch (FileNotFoundException e) {
      return names;
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public List<String> folders() throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (FileStatus status : fs.listStatus(root)) {
        if (status.isDirectory()) {
          names.add(status.getPath().getName());
        }
      }
    } catch (FileNotFoundException e) {
      return names;
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
    return new HadoopChannel(fs.open(path(name)), length);
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

  /** Copies the files in here, but not folders, into another folder, replacing those there. */
  public void copyTo(HadoopFolder target) throws IOException {
    for (String name : list()) {
      try (InputStream in = fs.open(path(name));
          FileOutput out = target.create(name)) {
        in.transferTo(out);
        out.commit();
      }
    }
  }

  /** Deletes the files in here, but not folders. */
  public void deleteFiles() throws IOException {
    for (String name : list()) {
      delete(name);
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
