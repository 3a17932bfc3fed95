package dev.penstock.engine.model.family;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads a {@code config.json} or {@code adapter_config.json} and collects what is wrong with it, so
 * that the user sees every problem at once. A missing or unusable value reads as the fallback, or
 * as 1 where there is none.
 *
 * <p>As in transformers, a key that is absent has the family's default ({@link #assume}), while one
 * that is null says that there is no such thing.
 */
final class ConfigReader {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Characters of the problems that are listed. */
  private static final int LONGEST = 1500;

  private final String subject;
  private final ObjectNode config;
  private final String path;
  private final Set<String> problems;

  private ConfigReader(String subject, ObjectNode config, String path, Set<String> problems) {
    this.subject = subject;
    this.config = config;
    this.path = path;
    this.problems = problems;
  }

  /**
   * Parses the text; a text that is no JSON object is an error of its own.
   *
   * @param subject what errors are about
   */
  static ConfigReader parse(String json, String subject) {
    try {
      if (MAPPER.readTree(json) instanceof ObjectNode config) {
        return new ConfigReader(subject, config, "", new LinkedHashSet<>());
      }
      throw new ConfigException(subject + " is not a JSON object: " + excerpt(json));
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          subject + " is not valid JSON: " + e.getOriginalMessage() + " in " + excerpt(json), e);
    }
  }

  private static String excerpt(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }

  /** Sets what the family takes a key for that is not in the file. */
  ConfigReader assume(String key, Object value) {
    if (!config.has(key)) {
      config.set(key, MAPPER.valueToTree(value));
    }
    return this;
  }

  /** Whether the key is there with a value other than null. */
  boolean has(String key) {
    return config.hasNonNull(key);
  }

  /** The object under a key, empty if there is none; problems in it name the key. */
  ConfigReader section(String key) {
    JsonNode value = config.path(key);
    if (value instanceof ObjectNode object) {
      return new ConfigReader(subject, object, path + key + ".", problems);
    }
    if (has(key)) {
      problem(
          "'%s' must be an object, but is %s"
              .formatted(path + Quoted.plain(key), Quoted.plain(value.toString())));
    }
    return new ConfigReader(subject, MAPPER.createObjectNode(), path + key + ".", problems);
  }

  /** The names of all keys, nulls included. */
  List<String> keys() {
    List<String> keys = new ArrayList<>();
    config.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** A whole number of at least 1 that must be there. */
  int positive(String key) {
    require(key);
    return positive(key, 1);
  }

  int positive(String key, int fallback) {
    return value(
        key,
        "a whole number of at least 1",
        fallback,
        1,
        ConfigReader::isPositive,
        JsonNode::intValue);
  }

  private static boolean isPositive(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 1;
  }

  int whole(String key, int fallback) {
    return value(
        key, "a whole number", fallback, fallback, JsonNode::canConvertToInt, JsonNode::intValue);
  }

  /** A number that must be there. */
  double number(String key) {
    require(key);
    return number(key, 1);
  }

  double number(String key, double fallback) {
    return value(
        key, "a number", fallback, fallback, ConfigReader::isFinite, JsonNode::doubleValue);
  }

  private static boolean isFinite(JsonNode value) {
    return value.isNumber() && Double.isFinite(value.doubleValue());
  }

  boolean flag(String key, boolean fallback) {
    return value(
        key, "true or false", fallback, fallback, JsonNode::isBoolean, JsonNode::booleanValue);
  }

  String text(String key, String fallback) {
    return has(key) ? config.get(key).asText() : fallback;
  }

  /** The numbers of a list; empty if there is none. */
  List<Double> numbers(String key) {
    return list(key, "a list of numbers", JsonNode::isNumber, JsonNode::doubleValue);
  }

  /** The texts of a list; empty if there is none. */
  List<String> texts(String key) {
    return list(key, "a list of texts", JsonNode::isTextual, JsonNode::textValue);
  }

  /** The whole numbers of a list, or one alone; empty if there is none. */
  List<Integer> wholeOrWholes(String key) {
    JsonNode value = config.path(key);
    return value.isIntegralNumber() && value.canConvertToInt()
        ? List.of(value.intValue())
        : list(
            key,
            "whole numbers",
            node -> node.isIntegralNumber() && node.canConvertToInt(),
            JsonNode::intValue);
  }

  boolean isText(String key) {
    return config.path(key).isTextual();
  }

  boolean isObject(String key) {
    return config.path(key).isObject();
  }

  /** The texts of a list, or one text alone; empty if there is none. */
  List<String> textOrTexts(String key) {
    JsonNode value = config.path(key);
    return value.isTextual() ? List.of(value.textValue()) : texts(key);
  }

  /** Whether a key says nothing: it is absent, null, false, empty, or an empty list or object. */
  boolean isOff(String key) {
    JsonNode value = config.path(key);
    return value.isMissingNode()
        || value.isNull()
        || (value.isBoolean() && !value.booleanValue())
        || (value.isTextual() && value.textValue().isEmpty())
        || (value.isContainerNode() && value.isEmpty());
  }

  private void require(String key) {
    if (!has(key)) {
      problem("'%s' is missing".formatted(path + key));
    }
  }

  private <T> T value(
      String key,
      String kind,
      T fallback,
      T ifUnusable,
      Predicate<JsonNode> usable,
      Function<JsonNode, T> read) {
    if (!has(key)) {
      return fallback;
    }
    JsonNode value = config.get(key);
    if (!usable.test(value)) {
      problem(
          "'%s' must be %s, but is %s"
              .formatted(path + Quoted.plain(key), kind, Quoted.plain(value.toString())));
      return ifUnusable;
    }
    return read.apply(value);
  }

  private <T> List<T> list(
      String key, String kind, Predicate<JsonNode> usable, Function<JsonNode, T> read) {
    List<T> values = new ArrayList<>();
    if (!has(key)) {
      return values;
    }
    JsonNode array = config.get(key);
    boolean allUsable = array.isArray();
    for (JsonNode element : array) {
      allUsable &= usable.test(element);
      values.add(read.apply(element));
    }
    if (!allUsable) {
      problem(
          "'%s' must be %s, but is %s"
              .formatted(path + Quoted.plain(key), kind, Quoted.plain(array.toString())));
      return List.of();
    }
    return values;
  }

  /** Reports a value that would change the mathematics in a way that is not supported. */
  void unsupported(String key, Collection<String> supported) {
    problem(
        "'%s' = %s is not supported; supported: %s"
            .formatted(
                path + Quoted.plain(key),
                Quoted.plain(config.get(key).toString()),
                String.join(", ", supported)));
  }

  void problem(String problem) {
    problems.add(problem);
  }

  /** Throws one error with every problem found, if any. */
  void throwIfAny() {
    if (!problems.isEmpty()) {
      List<String> listed = new ArrayList<>();
      int length = 0;
      for (String problem : problems) {
        length += problem.length();
        if (length > LONGEST && !listed.isEmpty()) {
          break;
        }
        listed.add(problem);
      }
      int left = problems.size() - listed.size();
      throw new ConfigException(
          "%s%s cannot be used:\n- %s%s"
              .formatted(
                  subject,
                  has("model_type")
                      ? " (model_type '%s')".formatted(Quoted.plain(text("model_type", "")))
                      : "",
                  String.join("\n- ", listed),
                  left > 0 ? "\n- and %d more".formatted(left) : ""));
    }
  }
}
