package dev.penstock.spark.explain;

import java.io.IOException;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * How much there is to train on by the size of files, and where those are lines of text by the
 * first lines: what is cheap to know, without Spark.
 *
 * @param first one of the files
 * @param format as Spark calls it
 * @param files how many there are
 * @param bytes of all of them
 */
public record FileVolume(Configuration conf, Path first, String format, long files, long bytes) {
  private static final Set<String> LINES = Set.of("text", "json", "csv", "tsv");
  private static final int SAMPLED_BYTES = 1 << 18;
  private static final double MEGA = 1e6;

  /** English, and the markup of JSON and CSV. */
  static final long BYTES_PER_TOKEN = 4;

  /** The same in columns or compressed. */
  static final long COMPRESSED_BYTES_PER_TOKEN = 2;

  private boolean isLines() {
    return LINES.contains(format)
        && !first.getName().matches(".*\\.(gz|bz2|zst|snappy|lz4|deflate)");
  }

  private long bytesPerToken() {
    return isLines() ? BYTES_PER_TOKEN : COMPRESSED_BYTES_PER_TOKEN;
  }

  /** All of them; reads the beginning of a file. */
  public DataVolume volume() {
    return new DataVolume(
        bytes / bytesPerToken(), isLines() ? rows() : OptionalLong.empty(), source());
  }

  private String source() {
    return String.format(
        Locale.ROOT,
        "%,d %s, %.1f MB of %s, taken for %d bytes a token",
        files,
        files == 1 ? "file" : "files",
        bytes / MEGA,
        format,
        bytesPerToken());
  }

  /** By the length of the first lines. */
  private OptionalLong rows() {
    try (FSDataInputStream in = first.getFileSystem(conf).open(first)) {
      byte[] sample = in.readNBytes(SAMPLED_BYTES);
      long lines = 0;
      for (byte b : sample) {
        lines += b == '\n' ? 1 : 0;
      }
      return lines == 0
          ? OptionalLong.empty()
          : OptionalLong.of(Math.round((double) lines * bytes / sample.length));
    } catch (IOException e) {
      return OptionalLong.empty(); // a folder of folders, for example
    }
  }
}
