package dev.penstock.spark.fs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where a path leads: links, mounts and spellings resolved, so that two ways to one folder are
 * equal. What does not exist yet is taken as it is written below the last folder that does.
 *
 * @param storage the file system
 * @param path within it
 */
public record ResolvedPath(String storage, String path) {
  private static final String LOCAL = "file";

  /** Resolves a path as the process sees it. */
  public static ResolvedPath of(Path given, Configuration conf) throws IOException {
    FileSystem fs = given.getFileSystem(conf);
    Path path = fs.makeQualified(given);
    if (LOCAL.equals(path.toUri().getScheme())) {
      return new ResolvedPath(LOCAL, real(java.nio.file.Path.of(path.toUri().getPath())));
    }
    Path resolved = resolve(fs, path);
    FileSystem last = resolved.getFileSystem(conf);
    String service = last.getCanonicalServiceName();
    String authority = String.valueOf(resolved.toUri().getAuthority());
    return new ResolvedPath(
        last.getClass().getName()
            + " "
            + (service == null ? authority.toLowerCase(Locale.ROOT) : service),
        resolved.toUri().getPath());
  }

  private static String real(java.nio.file.Path path) throws IOException {
    java.nio.file.Path normal = path.toAbsolutePath();
    java.nio.file.Path existing = normal;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing == null
        ? normal.normalize().toString()
        : existing
            .toRealPath()
            .resolve(existing.relativize(normal).toString())
            .normalize()
            .toString();
  }

  private static Path resolve(FileSystem fs, Path path) {
    Path existing = path;
    String below = "";
    while (existing != null) {
      try {
        Path resolved = fs.resolvePath(existing);
        return below.isEmpty() ? resolved : new Path(resolved, below);
      } catch (FileNotFoundException e) {
        below = below.isEmpty() ? existing.getName() : existing.getName() + "/" + below;
        existing = existing.getParent();
      } catch (IOException | UnsupportedOperationException e) {
        return path; // not even looking is allowed there
      }
    }
    return path;
  }

  /** Whether the other path is this one, or lies below it. */
  public boolean contains(ResolvedPath other) {
    String folder = path.endsWith("/") ? path : path + "/";
    return storage.equals(other.storage)
        && (other.path.equals(path) || other.path.startsWith(folder));
  }
}
