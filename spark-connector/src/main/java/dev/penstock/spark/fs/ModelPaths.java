package dev.penstock.spark.fs;

import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.family.AdapterConfig;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.spark.hub.HubName;
import dev.penstock.spark.hub.ModelPart;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.jspecify.annotations.Nullable;

/**
 * The folders of a model on Hadoop file systems.
 *
 * @param model its Hugging Face model folder
 * @param adapter the folder of its adapters; null: there are none
 * @param name what the model is called on the hub that it came from; null: it came from none
 */
public record ModelPaths(String model, @Nullable String adapter, @Nullable HubName name)
    implements Serializable {
  /**
   * Finds out what a path or name is: a model folder, or a folder of adapters.
   *
   * @param baseModelPath the model that the adapters adapt; null: what their config says
   * @param part what is fetched of those that are on a hub
   * @throws ConfigException if that model is not there, or {@code baseModelPath} is given where
   *     there are no adapters
   */
  public static ModelPaths find(
      String modelPath, @Nullable String baseModelPath, NamedModels models, ModelPart part)
      throws IOException {
    NamedModels.Found found = models.find(modelPath, part);
    HadoopFolder folder = HadoopFolder.of(found.folder(), models.conf());
    if (!folder.exists(AdapterFolder.CONFIG)) {
      if (baseModelPath != null) {
        throw new ConfigException(
            "baseModelPath is set, but there are no adapters (%s) in %s. Clear it."
                .formatted(AdapterFolder.CONFIG, folder.location()));
      }
      return new ModelPaths(folder.location(), null, found.name());
    }
    String base = baseModelPath == null ? adapterConfig(folder).baseModel() : baseModelPath;
    if (base == null) {
      throw new ConfigException(
          "The %s in %s does not name a model. Set baseModelPath to the folder of the model that the adapters were made for."
              .formatted(AdapterFolder.CONFIG, folder.location()));
    }
    HadoopFolder model =
        baseModelPath == null
            ? existing(folder, base)
            : given(folder, baseModelPath, models.conf());
    if (model != null) {
      return new ModelPaths(model.location(), folder.location(), null);
    }
    if (baseModelPath != null) {
      Optional<NamedModels.Found> named = models.onHub(baseModelPath, part);
      if (named.isPresent()) {
        return new ModelPaths(named.get().folder(), folder.location(), named.get().name());
      }
    }
    throw new ConfigException(
        "The adapters in %s are for the model '%s', but there is no such folder with a %s on their file system; others are opened only if you name them. Set baseModelPath to the folder of that model, or to its name on a hub."
            .formatted(folder.location(), Quoted.plain(base), ModelFolder.CONFIG));
  }

  /**
   * The model folder that a folder of adapters names; null if there is none of that name, which may
   * be one on a hub, or one on another file system.
   */
  static @Nullable HadoopFolder existing(HadoopFolder adapter, String name) throws IOException {
    try {
      HadoopFolder model = adapter.named(name);
      return model != null && model.exists(ModelFolder.CONFIG) ? model : null;
    } catch (IllegalArgumentException e) {
      return null; // no path at all
    }
  }

  /** The model folder that the user names; null if there is none. */
  private static @Nullable HadoopFolder given(HadoopFolder adapter, String name, Configuration conf)
      throws IOException {
    try {
      HadoopFolder here = adapter.named(name);
      HadoopFolder model = here == null ? HadoopFolder.of(name, conf) : here;
      return model.exists(ModelFolder.CONFIG) ? model : null;
    } catch (IllegalArgumentException | UnsupportedFileSystemException e) {
      return null; // no path at all
    }
  }

  /**
   * The model of adapters that were made here, if it has to be named to be opened: for what a file
   * says of a hub, or of another file system, nothing is opened.
   */
  public static Optional<String> baseElsewhere(String modelPath, Configuration conf)
      throws IOException {
    HadoopFolder folder = HadoopFolder.of(modelPath, conf);
    if (!folder.exists(AdapterFolder.CONFIG)) {
      return Optional.empty();
    }
    AdapterConfig config = adapterConfig(folder);
    Optional<String> base = Optional.ofNullable(config.baseModel());
    return config.revision() == null
        ? base.filter(named -> folder.named(named) == null)
        : base.flatMap(HubName::ofBare).map(name -> name.at(config.revision()).toString());
  }

  /** What the adapters' config says; null if there are none. */
  public @Nullable AdapterConfig adapterConfig(Configuration conf) throws IOException {
    return adapter == null ? null : adapterConfig(HadoopFolder.of(adapter, conf));
  }

  static AdapterConfig adapterConfig(HadoopFolder folder) throws IOException {
    return AdapterConfig.parse(folder.readText(AdapterFolder.CONFIG), folder.location());
  }

  /** The files, for the engine. */
  public ModelFiles files(Configuration conf) throws IOException {
    return new ModelFiles(
        HadoopFolder.of(model, conf), adapter == null ? null : HadoopFolder.of(adapter, conf));
  }

  /**
   * The folder that the tokenizer is in, if it is in any: the model's, unless adapters bring it.
   */
  public String tokenizer(Configuration conf) throws IOException {
    return adapter != null && HadoopFolder.of(adapter, conf).exists(TokenizerFiles.TOKENIZER)
        ? adapter
        : model;
  }

  /** Numbers that change when a config or weights are written anew. */
  public List<Long> versions(Configuration conf) throws IOException {
    HadoopFolder folder = HadoopFolder.of(model, conf);
    List<Long> versions = new ArrayList<>();
    // A missing config is told here, by its name.
    versions.add(folder.modifiedMillis(ModelFolder.CONFIG));
    versions.addAll(folder.versions(ModelPaths::decides));
    if (adapter != null) {
      versions.addAll(HadoopFolder.of(adapter, conf).versions(ModelPaths::decides));
    }
    return List.copyOf(versions);
  }

  private static boolean decides(String name) {
    return name.equals(ModelFolder.CONFIG)
        || name.equals(AdapterFolder.CONFIG)
        || name.endsWith(".safetensors");
  }

  /** Tells the weights apart from others, wherever they lie. */
  public String weightsDigest(Configuration conf) throws IOException {
    WeightsDigest digest = new WeightsDigest();
    for (String folder : adapter == null ? List.of(model) : List.of(model, adapter)) {
      digest.add(HadoopFolder.of(folder, conf));
    }
    return digest.finish();
  }

  /** The folder that the user named. */
  public String location() {
    return adapter == null ? model : adapter;
  }
}
