package dev.penstock.spark.fit;

import dev.penstock.spark.params.TrainerParams;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.param.Param;

/** The Params of a fit in words, by name. */
final class ParamTexts {
  private ParamTexts() {}

  static Map<String, String> of(TrainerParams<?> params) {
    Map<String, String> texts = new TreeMap<>();
    for (Param<?> param : params.params()) {
      if (params.isDefined(param)) {
        texts.put(param.name(), describe(params.getOrDefault(param)).replaceAll("\\s+", " "));
      }
    }
    return texts;
  }

  private static String describe(Object value) {
    return value instanceof String[] texts ? Arrays.toString(texts) : value.toString();
  }
}
