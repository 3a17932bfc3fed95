package dev.penstock.engine.model.family;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.config.WrongFile;
import java.util.List;

/**
 * JSON as Python's {@code json} module reads and writes it, and so every config on the hub: {@code
 * NaN}, {@code Infinity} and {@code -Infinity} are numbers. A byte order mark is passed over.
 */
public final class HubJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .build();

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** How transformers 5 writes what JSON has no number for: an object with this key alone. */
  private static final String FLOAT = "__float__";

  private static final List<String> FLOATS = List.of("NaN", "Infinity", "-Infinity");

  private HubJson() {}

  /**
   * Parses an object.
   *
   * @param subject what errors are about, for example "The config.json in F"
   * @throws ConfigException if the text is no JSON object
   */
  public static ObjectNode parse(String json, String subject) {
    String text = json.startsWith(BYTE_ORDER_MARK) ? json.substring(1) : json;
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw new ConfigException(subject + " is not a JSON object: " + excerpt(text));
    } catch (JsonProcessingException e) {
      String error = "%s in %s".formatted(Quoted.plain(e.getOriginalMessage()), excerpt(text));
      throw new ConfigException(
          "%s is not valid JSON: %s".formatted(subject, WrongFile.describe(text, error)), e);
    }
  }

  private static String excerpt(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }

  /** The text of an object, one key a line. */
  public static String pretty(ObjectNode json) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // a tree is always writable
    }
  }

  /** A value as a node. */
  static JsonNode node(Object value) {
    return MAPPER.valueToTree(value);
  }

  static ObjectNode emptyObject() {
    return MAPPER.createObjectNode();
  }

  /** The object with numbers where transformers 5 wrote objects for them. */
  static ObjectNode withFloats(ObjectNode json) {
    ObjectNode result = MAPPER.createObjectNode();
    json.fields().forEachRemaining(e -> result.set(e.getKey(), withFloats(e.getValue())));
    return result;
  }

  private static JsonNode withFloats(JsonNode value) {
    if (value instanceof ArrayNode array) {
      ArrayNode result = MAPPER.createArrayNode();
      array.forEach(element -> result.add(withFloats(element)));
      return result;
    }
    if (!(value instanceof ObjectNode object)) {
      return value;
    }
    String number = object.path(FLOAT).asText();
    return object.size() == 1 && FLOATS.contains(number)
        ? DoubleNode.valueOf(Double.parseDouble(number))
        : withFloats(object);
  }
}
