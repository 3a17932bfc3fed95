package dev.penstock.spark.fs;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.hub.HubModels;
import dev.penstock.spark.hub.HubName;
import dev.penstock.spark.hub.ModelPart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Models as Params name them: by a folder on any Hadoop file system, or by the name that they have
 * on a hub. Those are fetched by the driver, to where the executors find them.
 *
 * @param conf of the file systems; {@code penstock.env.NAME} in it takes the place of the
 *     environment variable NAME
 * @param cache the folder that models are fetched into; null: the cache of this machine
 * @param isLocal whether the executors are this process
 * @param lines is told how far a model has come
 */
public record NamedModels(
    Configuration conf, @Nullable String cache, boolean isLocal, Consumer<String> lines) {
  private static final String VARIABLE = "penstock.env.";

  /**
   * A model that was found.
   *
   * @param folder where it lies
   * @param name what it is called on the hub, with its commit; null: it was named by its folder
   */
  public record Found(String folder, @Nullable HubName name) {}

  /**
   * Finds a model: a folder, or a file, of this path, else one of this name.
   *
   * @param part what is fetched of one that is on a hub
   * @throws ConfigException if it is on a hub and cannot be fetched
   */
  public Found find(String text, ModelPart part) throws IOException {
    if (!HubName.isUri(text) && (HubName.ofBare(text).isEmpty() || isThere(text))) {
      return new Found(text, null);
    }
    return onHub(text, part).orElseThrow();
  }

  private boolean isThere(String text) throws IOException {
    Path path = new Path(text);
    return path.getFileSystem(conf).exists(path);
  }

  /**
   * Finds a model by its name alone.
   *
   * @return nothing if the text has not the form of a name
   */
  Optional<Found> onHub(String text, ModelPart part) throws IOException {
    if (HubName.isUri(text)) {
      return Optional.of(fetched(HubName.ofUri(text), part));
    }
    Optional<HubName> name = HubName.ofBare(text);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(fetched(name.get(), part));
    } catch (ConfigException e) {
      throw new ConfigException(
          "There is no folder %s, so it is taken for the name of a model. %s"
              .formatted(Quoted.of(text), e.getMessage()),
          e);
    }
  }

  private Found fetched(HubName name, ModelPart part) throws IOException {
    if (cache == null && !isLocal) {
      throw new ConfigException(
          "%s is on a hub, from where the driver fetches it for all executors. Set modelCachePath to a folder on storage that they share."
              .formatted(name));
    }
    HubModels models = HubModels.of(this::variable, this::open, cache, isLocal, lines);
    HubModels.Found found = models.find(name, part);
    return new Found(found.folder(), found.name());
  }

  private @Nullable String variable(String name) {
    return conf.get(VARIABLE + name, System.getenv(name));
  }

  private HadoopFolder open(String folder) {
    try {
      return HadoopFolder.of(folder, conf);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
