package dev.penstock.spark.fs;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * Renames a file in place of another one: in one operation where the file system has it, as local
 * disks and HDFS do.
 */
final class ReplacingRename {
  private ReplacingRename() {}

  static void rename(FileSystem fs, Path source, Path target) throws IOException {
    if (isFolder(fs, target)) { // into which some file systems would move it
      throw new FileAlreadyExistsException(
          "%s is a folder, not a file that could be replaced.".formatted(target));
    }
    if (fs.rename(source, target)) {
      return; // there was none, or this file system replaces files
    }
    if (!fs.exists(target)) {
      throw new IOException("Cannot rename %s to %s.".formatted(source, target));
    }
    try {
      FileContext.getFileContext(target.toUri(), fs.getConf())
          .rename(source, target, Options.Rename.OVERWRITE);
    } catch (UnsupportedFileSystemException e) {
      fs.delete(target, false);
      if (!fs.rename(source, target)) {
        throw new IOException("Cannot rename %s to %s.".formatted(source, target), e);
      }
    }
  }

  private static boolean isFolder(FileSystem fs, Path path) throws IOException {
    try {
      return fs.getFileStatus(path).isDirectory();
    } catch (FileNotFoundException e) {
      return false;
    }
  }
}
