package dev.penstock.spark.params;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import java.util.List;

/** The module names of every stage, as JSON: a string is what Spark Connect can carry. */
final class StageNames {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StageNames() {}

  static List<List<String>> parse(String json) {
    try {
      return JSON.readValue(json, new TypeReference<List<List<String>>>() {});
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "moduleNamesPerStage must be a JSON list of lists of module names, such as"
              + " [[\"model.embed_tokens\"], [\"lm_head\"]]: "
              + e.getOriginalMessage(),
          e);
    }
  }
}
