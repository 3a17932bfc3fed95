package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.datasets.DatasetException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A component of a tokenizer.json: an object of which every field must be known and of its type.
 *
 * @param node the object
 * @param where its place in the file, for messages
 */
record JsonFields(JsonNode node, String where) {
  /** Components of one list, and lists within lists: far more than any tokenizer has. */
  static final int MOST_PARTS = 100;

  static final int DEEPEST = 4;

  private static final int LONGEST_TEXT = 4096;
  private static final String TYPE = "type";

  JsonFields {
    if (!node.isObject()) {
      throw refused(where, "is %.80s, which must be an object".formatted(node));
    }
  }

  String type() {
    return text(TYPE);
  }

  /** Refuses fields that are not among these, apart from the type. */
  JsonFields only(String... names) {
    Set<String> known = Set.of(names);
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!name.equals(TYPE) && !known.contains(name)) {
                throw refused(where, "has the unknown field '%.80s'".formatted(name));
              }
            });
    return this;
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  boolean flag(String name) {
    JsonNode value = node.path(name);
    if (!value.isBoolean()) {
      throw wrong(name, "true or false");
    }
    return value.booleanValue();
  }

  /** Checks a flag that may be absent or null. */
  void optionalFlag(String name) {
    if (has(name)) {
      flag(name);
    }
  }

  String text(String name) {
    JsonNode value = node.path(name);
    if (!value.isTextual() || value.textValue().length() > LONGEST_TEXT) {
      throw wrong(
          name, String.format(Locale.ROOT, "a text of at most %d characters", LONGEST_TEXT));
    }
    return value.textValue();
  }

  /** A text of one character. */
  String character(String name) {
    String text = text(name);
    if (text.codePointCount(0, text.length()) != 1) {
      throw wrong(name, "one character");
    }
    return text;
  }

  void oneOf(String name, String... values) {
    if (!List.of(values).contains(text(name))) {
      throw wrong(name, "one of " + List.of(values));
    }
  }

  long whole(String name, long least, long most) {
    JsonNode value = node.path(name);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      throw wrong(name, String.format(Locale.ROOT, "a whole number from %d to %d", least, most));
    }
    return value.longValue();
  }

  /** A list of components. */
  JsonNode list(String name, int most) {
    JsonNode value = node.path(name);
    if (!value.isArray() || value.size() > most) {
      throw wrong(name, String.format(Locale.ROOT, "a list of at most %d", most));
    }
    return value;
  }

  /** The components of a sequence, which is {@code depth} sequences deep. */
  JsonNode parts(String name, int depth) {
    if (depth > DEEPEST) {
      throw refused(where, String.format(Locale.ROOT, "lies more than %d sequences deep", DEEPEST));
    }
    return list(name, MOST_PARTS);
  }

  DatasetException unknownType() {
    return refused(where, "has the type '%.80s', which is not known".formatted(type()));
  }

  DatasetException wrong(String name, String needed) {
    JsonNode value = node.path(name);
    String found = value.isMissingNode() ? "missing" : "%.80s".formatted(value);
    return refused(
        where, "has the field %s, which is %s but must be %s".formatted(name, found, needed));
  }

  DatasetException refused(String why) {
    return refused(where, why);
  }

  static DatasetException refused(String where, String why) {
    return new DatasetException(
        "%.200s of the tokenizer.json %.1000s. It is damaged or made for another release of the tokenizers library: copy or download it again."
            .formatted(where, why));
  }
}
