package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Texts that a Param names by the path of a file. */
final class ParamFile {
  private ParamFile() {}

  /**
   * Reads a file.
   *
   * @param what is in it, for messages
   * @param param names it
   * @throws ConfigException if there is none
   */
  static String read(String path, String what, String param, Configuration conf)
      throws IOException {
    Path file = new Path(path);
    Path folder = file.getParent() == null ? new Path(Path.CUR_DIR) : file.getParent();
    try {
      byte[] bytes = HadoopFolder.of(folder.toString(), conf).read(file.getName());
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "There is no %s at %s (%s).".formatted(what, e.getFile(), param), e);
    }
  }
}
