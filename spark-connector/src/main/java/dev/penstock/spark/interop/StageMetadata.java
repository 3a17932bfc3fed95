package dev.penstock.spark.interop;

import java.util.List;
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

  /** The libraries by which Spark reads JSON: their exceptions are no RuntimeExceptions. */
  private static final List<String> JSON = List.of("org.json4s.", "com.fasterxml.jackson.");

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
    } catch (NullPointerException | NoSuchElementException e) {
      throw unusable(path, type, "a Param or a field lacks its value", e);
    } catch (Exception e) { // Scala declares none
      if (e instanceof IllegalArgumentException
          || e instanceof ClassCastException
          || e instanceof UnsupportedOperationException
          || e instanceof MatchError
          || JSON.stream().anyMatch(e.getClass().getName()::startsWith)) {
        throw unusable(path, type, String.valueOf(e.getMessage()), e);
      }
      throw e;
    }
  }

  private static IllegalArgumentException unusable(
      String path, Class<?> type, String why, @Nullable Exception cause) {
    String words = why.length() <= MAX_WORDS ? why : why.substring(0, MAX_WORDS) + "...";
    return new IllegalArgumentException(
        "The metadata of the %s saved at %s cannot be used: %s. Save it again."
            .formatted(type.getSimpleName(), path, words),
        cause);
  }
}
