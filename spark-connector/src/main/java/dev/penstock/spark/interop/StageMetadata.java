package dev.penstock.spark.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
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

  /** How Spark writes what JSON has no numbers for. */
  private static final List<String> NO_NUMBERS = List.of("NaN", "Inf", "-Inf");

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
      checkValues(stage, metadata.metadataJson());
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

  /** Spark takes null for false or no number at all, and cuts numbers until they fit. */
  private static void checkValues(Params stage, String json) {
    JsonNode metadata;
    try {
      metadata = new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
    for (String map : List.of("paramMap", "defaultParamMap")) {
      for (Map.Entry<String, JsonNode> value : metadata.path(map).properties()) {
        if (!isOfItsType(stage, value.getKey(), value.getValue())) {
          throw new IllegalArgumentException(
              "Param %.100s is %.200s, which is no value of its type"
                  .formatted(value.getKey(), value.getValue()));
        }
      }
    }
  }

  private static boolean isOfItsType(Params stage, String name, JsonNode value) {
    if (value.isNull() || !stage.hasParam(name)) {
      return !value.isNull(); // Spark tells of a Param that it does not know
    }
    Param<?> param = stage.getParam(name);
    if (param instanceof IntParam || param instanceof LongParam) {
      return value.isIntegralNumber()
          && (param instanceof IntParam ? value.canConvertToInt() : value.canConvertToLong());
    }
    if (param instanceof DoubleParam) {
      return value.isFloatingPointNumber() || NO_NUMBERS.contains(value.asText());
    }
    if (param instanceof StringArrayParam) {
      return value.isArray()
          && StreamSupport.stream(value.spliterator(), false).allMatch(JsonNode::isTextual);
    }
    return param instanceof BooleanParam ? value.isBoolean() : value.isTextual();
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
