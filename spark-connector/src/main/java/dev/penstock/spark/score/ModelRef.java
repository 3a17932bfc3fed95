package dev.penstock.spark.score;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * Which model an executor loads, and how it runs it.
 *
 * @param folder Hugging Face model folder on a Hadoop file system
 * @param modifiedMillis when the folder was last written: another model may take its place
 * @param device the Param: auto, cpu or cuda
 * @param localMode whether the tasks run in the driver
 * @param threads CPU threads of the executor's model
 */
public record ModelRef(
    String folder, long modifiedMillis, String device, boolean localMode, int threads)
    implements Serializable {
  private static final String CONFIG = "config.json";

  /**
   * Refers to the model that is in a folder now.
   *
   * @param threads null: as many as an executor has cores
   */
  public static ModelRef of(
      String folder, String device, @Nullable Integer threads, SparkContext spark) {
    try {
      HadoopFolder model = HadoopFolder.of(folder, spark.hadoopConfiguration());
      return new ModelRef(
          model.location(),
          model.modifiedMillis(CONFIG),
          device,
          spark.isLocal(),
          threads == null ? coresOfExecutor(spark) : threads);
    } catch (NoSuchFileException e) {
      throw new ConfigException("There is no model at %s.".formatted(folder), e);
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
