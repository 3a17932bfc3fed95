package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import dev.penstock.spark.params.ModelParams;
import dev.penstock.spark.timeline.TimelineFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;

/**
 * The folder that is to become a model, and what may be done with what lies in it.
 *
 * @param folder the Hugging Face folder to come
 * @param overwrite whether a model in there may be replaced
 * @param temporary whether it goes with the JVM, since nobody named one
 */
record OutputFolder(HadoopFolder folder, boolean overwrite, boolean temporary) {
  static final String TIMELINE = "timeline";
  private static final long RESERVE_BYTES = 1L << 26;

  /**
   * Finds the folder, without touching it.
   *
   * @param inOwnFolder whether outputPath is only what the model's own folder lies in
   * @throws ConfigException if the Params name none
   */
  static OutputFolder of(
      ModelParams<?> params, String runId, boolean inOwnFolder, SparkContext spark)
      throws IOException {
    Configuration conf = spark.hadoopConfiguration();
    if (params.isDefined(params.outputPath())) {
      String path = params.getOutputPath();
      return new OutputFolder(
          HadoopFolder.of(inOwnFolder ? child(path, runId) : path, conf),
          params.getOverwriteOutput(),
          false);
    }
    if (params.isDefined(params.stagingDir())) {
      String path = child(params.getStagingDir(), runId);
      return new OutputFolder(HadoopFolder.of(path, conf), false, false);
    }
    if (spark.isLocal()) {
      String path = Files.createTempDirectory("penstock-" + runId).toUri().toString();
      HadoopFolder folder = HadoopFolder.of(path, conf);
      folder.deleteOnExit(conf);
      return new OutputFolder(folder, false, true);
    }
    throw new ConfigException(
        "Set outputPath, or stagingDir for a folder of its own in there, to storage that all"
            + " executors share.");
  }

  private static String child(String folder, String name) {
    return new Path(folder, name).toString();
  }

  /**
   * Makes sure that the weights find room.
   *
   * @param weights bytes of each file by its name
   */
  void checkRoom(Map<String, Long> weights) throws IOException {
    if (folder.isFile()) {
      throw new ConfigException(
          "outputPath %s is a file. Set it to a folder.".formatted(folder.location()));
    }
    Set<String> folders = new TreeSet<>(folder.folders());
    Set<String> names = new TreeSet<>(weights.keySet());
    names.addAll(ModelContents.NAMES);
    folders.retainAll(names);
    if (!folders.isEmpty()) {
      throw new ConfigException(
          "outputPath %s holds folders where files of the model go: %s. Remove them, or use another folder."
              .formatted(folder.location(), ModelContents.describe(List.copyOf(folders))));
    }
    long bytes = weights.values().stream().mapToLong(Long::longValue).sum();
    long free = folder.freeBytes();
    if (free < bytes + RESERVE_BYTES) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The weights take %,d bytes (saveDtype), but where outputPath %s lies %,d are free."
                  + " Make room, or use another folder.",
              bytes,
              folder.location(),
              free));
    }
  }

  /**
   * Makes sure that what lies in the folder may be replaced.
   *
   * @throws ConfigException if it is not empty and overwriteOutput is not set, or is no model
   */
  void checkContents() throws IOException {
    ModelContents contents = ModelContents.of(folder);
    if (contents.isEmpty()) {
      return;
    }
    List<String> all = new ArrayList<>(contents.modelFiles());
    all.addAll(contents.otherFiles());
    if (!overwrite) {
      throw new ConfigException(
          "outputPath %s is not empty: it holds %s. Use another folder, or set overwriteOutput to replace the model in it."
              .formatted(folder.location(), ModelContents.describe(all)));
    }
    if (!contents.isModel()) {
      throw new ConfigException(
          "outputPath %s holds files, but no model that overwriteOutput could replace: %s. Use another folder, or remove them yourself."
              .formatted(folder.location(), ModelContents.describe(all)));
    }
  }

  /** Files of the model in the folder, which another one replaces. */
  List<String> obsolete() throws IOException {
    ModelContents contents = ModelContents.of(folder);
    if (!contents.isModel()) {
      return List.of();
    }
    List<String> files = new ArrayList<>(contents.modelFiles());
    HadoopFolder timeline = folder.folder(TIMELINE);
    for (String name : TimelineFiles.NAMES) {
      if (timeline.exists(name)) {
        files.add(TIMELINE + "/" + name);
      }
    }
    return files;
  }
}
