package dev.penstock.spark.fit;

import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;

/** Where a fit finds models that are on a hub: where the executors can read them. */
public final class ModelCache {
  private static final String FOLDER = "hub";

  private ModelCache() {}

  /**
   * How models are found.
   *
   * @param lines is told how far one has come that is fetched
   */
  public static NamedModels of(
      TrainerParams<?> params, SparkContext spark, Consumer<String> lines) {
    Optional<String> named = params.valueIfAny(TrainerOption.MODEL_CACHE_PATH);
    Optional<String> cache = spark.isLocal() ? named : named.or(() -> beside(params));
    return new NamedModels(spark.hadoopConfiguration(), cache.orElse(null), spark.isLocal(), lines);
  }

  /** In the folder of what a fit needs meanwhile, or of its model. */
  private static Optional<String> beside(TrainerParams<?> params) {
    return params
        .<String>valueIfAny(TrainerOption.STAGING_DIR)
        .map(Path::new)
        .or(
            () ->
                params
                    .<String>valueIfAny(TrainerOption.OUTPUT_PATH)
                    .flatMap(path -> Optional.ofNullable(new Path(path).getParent())))
        .map(folder -> new Path(folder, FOLDER).toString());
  }
}
