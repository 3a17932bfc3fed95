package dev.penstock.spark.interop;

import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsReader.Metadata;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.jspecify.annotations.Nullable;
import scala.MatchError;
import scala.Option;

/** The metadata folder of a saved stage: class, uid and Params, as Spark's own stages have it. */
@SuppressWarnings("deprecation") // the forms that all Spark versions since 3.5 have
public final class StageMetadata {
  private static final int MAX_WORDS = 1000;

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
    try {
      Metadata metadata = DefaultParamsReader$.MODULE$.loadMetadata(path, context, type.getName());
      T stage = make.apply(metadata.uid());
      metadata.getAndSetParams(stage, Option.empty());
      return stage;
    } catch (StackOverflowError e) {
      throw unusable(path, type, "it is nested too deeply", null);
    } catch (IllegalArgumentException | ClassCastException | UnsupportedOperationException e) {
      throw unusable(path, type, String.valueOf(e.getMessage()), e);
    } catch (MatchError e) {
      throw unusable(path, type, "a Param has a value of another type: " + e.getMessage(), e);
    } catch (NullPointerException | NoSuchElementException e) {
      throw unusable(path, type, "a Param or a field lacks its value", e);
    }
  }

  private static IllegalArgumentException unusable(
      String path, Class<?> type, String why, @Nullable RuntimeException cause) {
    String words = why.length() <= MAX_WORDS ? why : why.substring(0, MAX_WORDS) + "...";
    return new IllegalArgumentException(
        "The metadata of the %s saved at %s cannot be used: %s. Save it again."
            .formatted(type.getSimpleName(), path, words),
        cause);
  }
}
