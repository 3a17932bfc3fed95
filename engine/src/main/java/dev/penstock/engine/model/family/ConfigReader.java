package dev.penstock.engine.model.family;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Reads a {@code config.json} and collects what is wrong with it, so that the user sees every
 * problem at once. A missing or unusable value reads as the fallback, or as 1 where there is none.
 */
final class ConfigReader {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final JsonNode config;
  private final Set<String> problems = new LinkedHashSet<>();

  private ConfigReader(JsonNode config) {
    this.config = config;
  }

  /** Parses the text; a text that is no JSON object is an error of its own. */
  static ConfigReader parse(String json) {
    try {
      JsonNode config = MAPPER.readTree(json);
      if (config == null || !config.isObject()) {
        throw new ConfigException("The model config is not a JSON object: " + excerpt(json));
      }
      return new ConfigReader(config);
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "The model config is not valid JSON: " + e.getOriginalMessage() + " in " + excerpt(json),
          e);
    }
  }

  private static String excerpt(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }

  /** Whether the key is there with a value other than null. */
  boolean has(String key) {
    return config.hasNonNull(key);
  }

  JsonNode node(String key) {
    return config.path(key);
  }

  /** A whole number of at least 1 that must be there. */
  int positive(String key) {
    if (!has(key)) {
      problem("'" + key + "' is missing");
      return 1;
    }
    return positive(key, 1);
  }

  int positive(String key, int fallback) {
    if (!has(key)) {
      return fallback;
    }
    JsonNode value = config.get(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
      problem("'%s' must be a whole number of at least 1, but is %s".formatted(key, value));
      return 1;
    }
    return value.intValue();
  }

  double number(String key, double fallback) {
    if (!has(key)) {
      return fallback;
    }
    JsonNode value = config.get(key);
    if (!value.isNumber()) {
      problem("'%s' must be a number, but is %s".formatted(key, value));
      return fallback;
    }
    return value.doubleValue();
  }

  boolean flag(String key, boolean fallback) {
    if (!has(key)) {
      return fallback;
    }
    JsonNode value = config.get(key);
    if (!value.isBoolean()) {
      problem("'%s' must be true or false, but is %s".formatted(key, value));
      return fallback;
    }
    return value.booleanValue();
  }

  String text(String key, String fallback) {
    return has(key) ? config.get(key).asText() : fallback;
  }

  /** Reports a key whose value would change the mathematics in a way that is not supported. */
  void unsupportedUnless(String key, boolean supported, Set<String> remedy) {
    if (!supported) {
      problem("'%s' = %s is not supported; supported: %s".formatted(key, config.get(key), remedy));
    }
  }

  void problem(String problem) {
    problems.add(problem);
  }

  /** Throws one error with every problem found, if any. */
  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new ConfigException(
          "The model config (model_type '%s') cannot be used:%n- %s"
              .formatted(text("model_type", "missing"), String.join("\n- ", problems)));
    }
  }
}
