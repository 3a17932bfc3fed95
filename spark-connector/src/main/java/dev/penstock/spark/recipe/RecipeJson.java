package dev.penstock.spark.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.Map;

/** What became of a recipe's keys, as one JSON object. */
public final class RecipeJson {
  private RecipeJson() {}

  /** {@code used}, {@code withoutMeaning}, {@code refused} and {@code unknown}. */
  public static String of(Recipe recipe) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("used", recipe.used());
    report.put("withoutMeaning", recipe.withoutMeaning());
    report.put("refused", recipe.refused());
    report.put("unknown", recipe.unknown());
    try {
      return new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
