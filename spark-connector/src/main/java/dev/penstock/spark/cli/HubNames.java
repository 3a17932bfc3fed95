package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/** Models by path, or by the name that they have on the Hugging Face Hub. */
final class HubNames {
  private HubNames() {}

  /**
   * The folder of a model: the path itself, or where the Hub's own client keeps what it downloaded.
   *
   * @throws ConfigException if it is at neither place
   */
  static String find(String name, Configuration conf) {
    try {
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(name);
      if (path.getFileSystem(conf).exists(path)) {
        return name;
      }
      return cached(name)
          .orElseThrow(
              () ->
                  new ConfigException(
                      "There is no folder %s, and no model of this name in the Hub's cache on this machine. Nothing is downloaded: fetch it (hf download) and give its folder."
                          .formatted(Quoted.of(name))));
    } catch (IOException e) {
      throw new ConfigException(
          "%s cannot be looked for: %s. Give the folder of the model."
              .formatted(Quoted.of(name), e.getMessage()),
          e);
    }
  }

  private static Optional<String> cached(String name) throws IOException {
    if (!name.matches("[\\w.-]+/[\\w.-]+")) {
      return Optional.empty();
    }
    Path model = cache().resolve("models--" + name.replace("/", "--"));
    Path main = model.resolve("refs/main");
    if (!Files.isRegularFile(main)) {
      return Optional.empty();
    }
    Path snapshot = model.resolve("snapshots").resolve(Files.readString(main).strip());
    return Files.isDirectory(snapshot)
        ? Optional.of(snapshot.toUri().toString())
        : Optional.empty();
  }

  private static Path cache() {
    String hub = System.getenv("HF_HUB_CACHE");
    String home = System.getenv("HF_HOME");
    return Stream.of(hub, home == null ? null : home + "/hub")
        .filter(path -> path != null)
        .findFirst()
        .map(Path::of)
        .orElse(Path.of(System.getProperty("user.home"), ".cache", "huggingface", "hub"));
  }
}
