package dev.penstock.spark.fit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.fs.ResolvedPath;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.storage.FolderUpdate;
import dev.penstock.storage.Lease;
import dev.penstock.storage.LeaseHolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves a model as Spark saves stages, by the protocol of a run's folder: claimed, written beside,
 * checked, committed; only then does the older one go.
 */
public final class ModelSave {
  /** The folder of the model in that of the stage. */
  public static final String DATA = "data";

  private static final Logger log = LoggerFactory.getLogger(ModelSave.class);
  private static final String METADATA = "metadata";
  private static final int MAX_METADATA = 1 << 22;

  private final String source;
  private final @Nullable String baseModelPath;
  private final NamedModels models;
  private final BiConsumer<String, Optional<String>> writeMetadata;
  private final String uid;
  private final SparkContext spark;
  private final Configuration conf;

  /**
   * @param source the model's folder, or its name on a hub
   * @param baseModelPath the model that its adapters adapt; null: what their config says
   * @param cachePath the folder that models on a hub are fetched into; null: the cache of this
   *     machine
   * @param writeMetadata writes Spark's metadata folder into a folder; with the model of adapters,
   *     if that has to be named from there
   * @param uid of the model
   */
  public ModelSave(
      String source,
      @Nullable String baseModelPath,
      @Nullable String cachePath,
      BiConsumer<String, Optional<String>> writeMetadata,
      String uid,
      SparkContext spark) {
    this.source = source;
    this.baseModelPath = baseModelPath;
    this.writeMetadata = writeMetadata;
    this.uid = uid;
    this.spark = spark;
    this.conf = spark.hadoopConfiguration();
    this.models = new NamedModels(conf, cachePath, spark.isLocal(), log::info);
  }

  /**
   * Saves.
   *
   * @param overwrite whether a model that was saved there before may be replaced
   * @throws IOException if the model lies there itself, if something else is there, or if it cannot
   *     be written
   */
  public void save(String path, boolean overwrite) throws IOException {
    HadoopFolder target = HadoopFolder.of(path, conf);
    ModelPaths paths = ModelPaths.find(source, baseModelPath, models, ModelPart.MODEL);
    checkApart(target, paths);
    if (target.isFile()) {
      throw new IOException("%s is a file.".formatted(target.location()));
    }
    checkReplaceable(target, overwrite);
    boolean existed = target.isThere();
    LeaseHolder holder =
        LeaseHolder.now(
            "save of %s (application %s, user %s)"
                .formatted(uid, spark.applicationId(), spark.sparkUser()),
            1);
    boolean saved = false;
    try (Lease lease = Lease.take(HadoopFolder.of(path, conf), holder, log::info)) {
      FolderUpdate.recover(target, lease);
      checkReplaceable(target, overwrite);
      FolderUpdate update = FolderUpdate.begin(target, UUID.randomUUID().toString());
      try {
        write(paths, target, update);
        lease.check();
        commit(target, update);
        saved = true;
      } finally {
        if (!saved) {
          update.abandon();
        }
      }
      update.publish();
    } finally {
      if (!saved && !existed) {
        target.deleteIfEmpty();
      }
    }
  }

  private void checkApart(HadoopFolder target, ModelPaths paths) throws IOException {
    ResolvedPath to = ResolvedPath.of(new Path(target.location()), conf);
    for (String from :
        paths.adapter() == null
            ? List.of(paths.model())
            : List.of(paths.adapter(), paths.model())) {
      if (to.contains(ResolvedPath.of(new Path(from), conf))) {
        throw new IOException(
            "Cannot save to %s, for the model itself lies there, in %s. Save to another path."
                .formatted(target.location(), from));
      }
    }
  }

  private void checkReplaceable(HadoopFolder target, boolean overwrite) throws IOException {
    List<String> files = files(target);
    if (files.isEmpty()) {
      return;
    }
    if (!overwrite) {
      throw new IOException(
          "Path %s already exists. To overwrite it, please use write().overwrite().save(path)."
              .formatted(target.location()));
    }
    if (!isSavedModel(target)) {
      throw new IOException(
          "%s holds something else than a saved CausalLMModel, which is not overwritten: %s. Save to another path, or remove it yourself."
              .formatted(target.location(), ModelContents.describe(files)));
    }
  }

  /** All files but those of runs. */
  private static List<String> files(HadoopFolder target) throws IOException {
    return target.listAll().stream()
        .filter(name -> !name.startsWith("_run-") && !name.startsWith("_lease-"))
        .toList();
  }

  private static boolean isSavedModel(HadoopFolder target) throws IOException {
    HadoopFolder metadata = target.folder(METADATA);
    for (String name : metadata.list()) {
      if (name.startsWith("part-")) {
        try {
          String type =
              new ObjectMapper().readTree(metadata.read(name, MAX_METADATA)).path("class").asText();
          return type.equals("dev.penstock.spark.CausalLMModel");
        } catch (JsonProcessingException e) {
          return false;
        }
      }
    }
    return ModelContents.of(target.folder(DATA)).isModel();
  }

  private void write(ModelPaths paths, HadoopFolder target, FolderUpdate update)
      throws IOException {
    HadoopFolder model = HadoopFolder.of(paths.location(), conf);
    HadoopFolder files = HadoopFolder.of(update.files().location(), conf);
    HadoopFolder data = files.folder(DATA);
    List<String> large =
        model.list().stream().filter(ModelFolder::isLarge).map(name -> DATA + "/" + name).toList();
    boolean inPlace = !target.movesCheaply();
    for (String name : large) {
      inPlace &= !target.exists(name);
    }
    if (inPlace) {
      update.announce(large);
    }
    Optional<String> base = ModelFolder.copy(model, data, inPlace ? target.folder(DATA) : data);
    writeMetadata.accept(files.location(), baseModelPath == null ? base : Optional.empty());
  }

  private static void commit(HadoopFolder target, FolderUpdate update) throws IOException {
    List<String> whole = new ArrayList<>();
    List<String> obsolete = new ArrayList<>();
    ModelContents.of(target.folder(DATA)).modelFiles().forEach(n -> obsolete.add(DATA + "/" + n));
    for (String name : update.files().folder(METADATA).list()) {
      whole.add(METADATA + "/" + name);
    }
    for (String name : target.folder(METADATA).list()) {
      whole.add(METADATA + "/" + name);
    }
    update.commit(whole.stream().distinct().toList(), obsolete);
  }
}
