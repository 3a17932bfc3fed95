package dev.penstock.engine.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads a {@code config.json} or {@code adapter_config.json} and collects what is wrong with it, so
 * that the user sees every problem at once. A missing or unusable value reads as the fallback, or
 * as 1 where there is none.
 *
 * <p>As in transformers, a key that is absent has the family's default ({@link #assume}), while one
 * that is null says that there is no such thing. Numbers are within their {@link NumberDomain}. The
 * reader remembers which keys were asked for: what is in the file beside them is not {@linkplain
 * #unread known}.
 */
final class ConfigReader {
  /** Characters of the problems that are listed. */
  private static final int LONGEST = 1500;

  private final String subject;
  private final ObjectNode config;
  private final String path;
  private final Set<String> asked;
  private final Set<String> problems;

  private ConfigReader(
      String subject, ObjectNode config, String path, Set<String> asked, Set<String> problems) {
    this.subject = subject;
    this.config = config;
    this.path = path;
    this.asked = asked;
    this.problems = problems;
  }

  /**
   * Parses the text; a text that is no JSON object is an error of its own.
   *
   * @param subject what errors are about
   */
  static ConfigReader parse(String json, String subject) {
    ObjectNode config = HubJson.withFloats(HubJson.parse(json, subject));
    return new ConfigReader(subject, config, "", new HashSet<>(), new LinkedHashSet<>());
  }

  /** Sets what the family takes a key for that is not in the file. */
  ConfigReader assume(String key, Object value) {
    knows(key);
    if (!config.has(key)) {
      config.set(key, HubJson.node(value));
    }
    return this;
  }

  /** Tells that keys are known though they are not read: they change nothing. */
  ConfigReader knows(String... keys) {
    for (String key : keys) {
      asked.add(path + key);
    }
    return this;
  }

  /** Keys of the file that nobody has asked for, and that {@linkplain OffValues say something}. */
  List<String> unread() {
    return keys().stream()
        .filter(key -> !asked.contains(path + key) && !OffValues.isOff(key, config.get(key)))
        .toList();
  }

  /** Whether the key is there with a value other than null. */
  boolean has(String key) {
    knows(key);
    return config.hasNonNull(key);
  }

  /** A value as the file has it, for messages. */
  String quoted(String key) {
    return Quoted.plain(config.path(key).toString());
  }

  /** A key and its value, for messages. */
  String described(String key) {
    return "'%s%s' = %s".formatted(path, key, quoted(key));
  }

  /** The object under a key, empty if there is none; problems in it name the key. */
  ConfigReader section(String key) {
    knows(key);
    String inner = path + key + ".";
    if (config.path(key) instanceof ObjectNode object) {
      return new ConfigReader(subject, object, inner, asked, problems);
    }
    if (has(key)) {
      problem("'%s' must be an object, but is %s".formatted(path + key, quoted(key)));
    }
    return new ConfigReader(subject, HubJson.emptyObject(), inner, asked, problems);
  }

  /** This with what another says; where both say something, the other counts. */
  ConfigReader overlaid(ConfigReader other) {
    ObjectNode both = config.deepCopy();
    both.setAll(other.config);
    other.keys().forEach(other::knows);
    return new ConfigReader(subject, both, path, asked, problems);
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
    NumberDomain domain = NumberDomain.ofCount(key);
    String kind =
        domain.most() == Integer.MAX_VALUE
            ? "a whole number of at least 1"
            : "a whole number " + domain;
    return value(
        key,
        kind,
        fallback,
        1,
        value -> isInt(value) && domain.contains(value.intValue()),
        JsonNode::intValue);
  }

  private static boolean isInt(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt();
  }

  int whole(String key, int fallback) {
    return value(
        key, "a whole number", fallback, fallback, ConfigReader::isInt, JsonNode::intValue);
  }

  /** A number that must be there. */
  double number(String key) {
    require(key);
    return number(key, 1);
  }

  double number(String key, double fallback) {
    NumberDomain domain = NumberDomain.of(key);
    return value(
        key,
        "a number " + domain,
        fallback,
        fallback,
        value -> isNumber(value, domain),
        value -> value.doubleValue() + 0.0); // no -0
  }

  private static boolean isNumber(JsonNode value, NumberDomain domain) {
    return value.isNumber() && domain.contains(value.doubleValue());
  }

  boolean flag(String key, boolean fallback) {
    return value(
        key, "true or false", fallback, fallback, JsonNode::isBoolean, JsonNode::booleanValue);
  }

  /** A text; a number or flag in its place is taken as it is written. */
  String text(String key, String fallback) {
    return has(key) ? config.get(key).asText() : fallback;
  }

  /** The numbers of a list; empty if there is none. */
  List<Double> numbers(String key) {
    NumberDomain domain = NumberDomain.of(key);
    return list(
        key,
        "a list of numbers " + domain,
        value -> isNumber(value, domain),
        JsonNode::doubleValue);
  }

  /** The texts of a list; empty if there is none. */
  List<String> texts(String key) {
    return list(key, "a list of texts", JsonNode::isTextual, JsonNode::textValue);
  }

  /** The whole numbers of a list, or one alone; empty if there is none. */
  List<Integer> wholeOrWholes(String key) {
    knows(key);
    JsonNode value = config.path(key);
    return isInt(value)
        ? List.of(value.intValue())
        : list(key, "whole numbers", ConfigReader::isInt, JsonNode::intValue);
  }

  boolean isText(String key) {
    return config.path(key).isTextual();
  }

  boolean isObject(String key) {
    return config.path(key).isObject();
  }

  /** The texts of a list, or one text alone; empty if there is none. */
  List<String> textOrTexts(String key) {
    knows(key);
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
      problem("'%s' must be %s, but is %s".formatted(path + key, kind, quoted(key)));
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
      problem("'%s' must be %s, but is %s".formatted(path + key, kind, quoted(key)));
      return List.of();
    }
    return values;
  }

  /** Reports a value that would change the mathematics in a way that is not supported. */
  void unsupported(String key, Collection<String> supported) {
    problem(
        "%s; supported: %s"
            .formatted(
                has(key)
                    ? described(key) + " is not supported"
                    : "'%s' is missing".formatted(path + key),
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
                      ? " (model_type %s)".formatted(Quoted.of(text("model_type", "")))
                      : "",
                  String.join("\n- ", listed),
                  left > 0 ? String.format(Locale.ROOT, "\n- and %d more", left) : ""));
    }
  }
}
