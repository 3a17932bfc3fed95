package dev.penstock.spark.score;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.family.GenerationDefaults;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.hub.ModelPart;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which model an executor loads, and how it runs it.
 *
 * @param paths the model's folders
 * @param versions of their files: another model may take their place
 * @param device the Param: auto, cpu or cuda
 * @param localMode whether the tasks run in the driver
 * @param threads CPU threads of the executor's model
 */
public record ModelRef(
    ModelPaths paths, List<Long> versions, String device, boolean localMode, int threads)
    implements Serializable {
  private static final Logger log = LoggerFactory.getLogger(ModelRef.class);

  /**
   * Refers to the model that is in a folder now.
   *
   * @param model a Hugging Face model folder, or one of adapters, on a Hadoop file system; or the
   *     name of either on a hub
   * @param baseModelPath the model that the adapters adapt; null: what their config says
   * @param cachePath the folder that models on a hub are fetched into; null: the cache of this
   *     machine
   * @param threads null: as many as an executor has cores
   */
  public static ModelRef of(
      String model,
      @Nullable String baseModelPath,
      @Nullable String cachePath,
      String device,
      @Nullable Integer threads,
      SparkContext spark) {
    try {
      NamedModels models =
          new NamedModels(spark.hadoopConfiguration(), cachePath, spark.isLocal(), log::info);
      ModelPaths paths = ModelPaths.find(model, baseModelPath, models, ModelPart.MODEL);
      return new ModelRef(
          paths,
          paths.versions(spark.hadoopConfiguration()),
          device,
          spark.isLocal(),
          threads == null ? coresOfExecutor(spark) : threads);
    } catch (NoSuchFileException e) {
      throw new ConfigException("There is no model at %s.".formatted(model), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the model's files say of how it continues texts; what of it is not applied is logged. */
  public GenerationDefaults generationDefaults(SparkContext spark) {
    try {
      ModelFolder folder = ModelFolder.of(paths.model(), spark.hadoopConfiguration());
      GenerationDefaults defaults =
          GenerationDefaults.parse(folder.readConfig(), folder.readGenerationConfig());
      if (!defaults.ignored().isEmpty()) {
        log.warn(
            "Of the {} in {} these are not applied: {}",
            GenerationDefaults.FILE_NAME,
            paths.model(),
            String.join(", ", defaults.ignored()));
      }
      return defaults;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int coresOfExecutor(SparkContext spark) {
    return spark.isLocal()
        ? spark.defaultParallelism()
        : spark.conf().getInt("spark.executor.cores", spark.conf().getInt("spark.task.cpus", 1));
  }
}
