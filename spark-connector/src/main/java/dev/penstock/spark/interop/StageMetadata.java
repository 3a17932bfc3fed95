package dev.penstock.spark.interop;

import java.util.function.Function;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsReader.Metadata;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import scala.Option;

/** The metadata folder of a saved stage: class, uid and Params, as Spark's own stages have it. */
@SuppressWarnings("deprecation") // the forms that all Spark versions since 3.5 have
public final class StageMetadata {
  private StageMetadata() {}

  /** Saves a stage's metadata below {@code path}. */
  public static void save(Params stage, String path, SparkContext context) {
    DefaultParamsWriter$.MODULE$.saveMetadata(stage, path, context, Option.empty(), Option.empty());
  }

  /**
   * Loads a stage.
   *
   * @param make makes the stage of a uid; its Params are set afterwards
   */
  public static <T extends Params> T load(
      String path, SparkContext context, Class<T> type, Function<String, T> make) {
    Metadata metadata = DefaultParamsReader$.MODULE$.loadMetadata(path, context, type.getName());
    T stage = make.apply(metadata.uid());
    metadata.getAndSetParams(stage, Option.empty());
    return stage;
  }
}
