package dev.penstock.spark.fs;

import dev.penstock.engine.checkpoint.CheckpointStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder on any Hadoop file system. Made where it is used, so that the file system is that of the
 * process's own user and tokens.
 */
public final class HadoopFolder {
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
  public String location() {
    return root.toString();
  }

  /** The folder that a file in here names: on this file system, if the name has no scheme. */
  HadoopFolder named(String name, Configuration conf) throws IOException {
    Path path = new Path(name);
    return path.toUri().getScheme() == null
        ? new HadoopFolder(fs.makeQualified(path), fs)
        : of(name, conf);
  }

  /** How a file in here names a folder: local files each other by their plain paths. */
  String nameOf(HadoopFolder folder) {
    return isLocal() && folder.isLocal() ? folder.root.toUri().getPath() : folder.location();
  }

  private boolean isLocal() {
    return "file".equals(root.toUri().getScheme());
  }

  public boolean exists(String name) throws IOException {
    try {
      return fs.getFileStatus(path(name)).isFile();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  public long length(String name) throws IOException {
    return status(name).getLen();
  }

  /** When a file was last written, in milliseconds since 1970. */
  public long modifiedMillis(String name) throws IOException {
    return status(name).getModificationTime();
  }

  /** Names of the files, but not folders, directly in here; empty if there is no folder. */
  public List<String> list() throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (FileStatus status : fs.listStatus(root)) {
        if (status.isFile()) {
          names.add(status.getPath().getName());
        }
      }
    } catch (FileNotFoundException e) {
      return names;
    }
    Collections.sort(names);
    return names;
  }

  /** Opens a file for reading. The caller closes it. */
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

  /** Creates or replaces a file, and its parents. The caller closes the stream. */
  public OutputStream create(String name) throws IOException {
    return fs.create(path(name), true);
  }

  /** Creates or replaces a small file. */
  public void write(String name, byte[] bytes) throws IOException {
    try (OutputStream out = create(name)) {
      out.write(bytes);
    }
  }

  public void delete(String name) throws IOException {
    fs.delete(path(name), false);
  }

  /** Copies the files in here, but not folders, into another folder, replacing those there. */
  public void copyTo(HadoopFolder target) throws IOException {
    for (String name : list()) {
      try (InputStream in = fs.open(path(name));
          OutputStream out = target.create(name)) {
        in.transferTo(out);
      }
    }
  }

  /** Deletes the files in here, but not folders. */
  public void deleteFiles() throws IOException {
    for (String name : list()) {
      delete(name);
    }
  }

  /** Deletes the folder and all in it, if there is one. */
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
    return new Path(root, CheckpointStore.checkName(name));
  }
}
