package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;

/**
 * A recipe's text: of a local file, or with a scheme such as hdfs: of any file system of Hadoop.
 */
final class RecipeFile {
  private static final int MAX_BYTES = 4 << 20;

  private RecipeFile() {}

  /**
   * Reads it.
   *
   * @throws ConfigException if there is no such file, or it is no recipe by its size
   */
  static String read(String file) throws IOException {
    try (InputStream in = open(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new ConfigException(
            String.format(
                Locale.ROOT,
                "%s has more than %d MB, which no recipe has. Name the YAML file of the recipe.",
                Quoted.of(file),
                MAX_BYTES >> 20));
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ConfigException(
          "%s is no text in UTF-8. Name the YAML file of the recipe.".formatted(Quoted.of(file)),
          e);
    } catch (IOException e) {
      throw new ConfigException(
          "%s cannot be read: %s. Name the YAML file of the recipe."
              .formatted(Quoted.of(file), e.getClass().getSimpleName()),
          e);
    }
  }

  private static InputStream open(String file) throws IOException {
    if (!file.contains(":")) {
      return Files.newInputStream(Path.of(file));
    }
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file);
    return path.getFileSystem(new Configuration()).open(path);
  }
}
