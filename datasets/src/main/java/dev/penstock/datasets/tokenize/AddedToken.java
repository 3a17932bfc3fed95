package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.datasets.DatasetException;

/**
 * A token that a text is searched for before the model sees it.
 *
 * @param content its text
 * @param singleWord whether it is found only where no word goes on before or behind it
 * @param lstrip whether white space before it belongs to it
 * @param rstrip whether white space behind it belongs to it
 * @param normalized whether it is searched for in the normalized text
 * @param special whether decoding may leave it out
 */
record AddedToken(
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {
  /** A token given by its text alone. */
  static AddedToken special(String content) {
    return new AddedToken(content, false, false, false, false, true);
  }

  /**
   * A token given by an object, as all files of a tokenizer write it. Flags that are absent are
   * false; a special token is not searched for in normalized text unless it says so.
   *
   * @param where the place, for messages
   * @param mustBeSpecial whether it is special whatever the object says
   */
  static AddedToken parse(JsonNode token, String where, boolean mustBeSpecial) {
    if (!token.path("content").isTextual()) {
      throw new DatasetException(
          "%s of the tokenizer has no content, the text of a token. Copy or download the files again."
              .formatted(where));
    }
    boolean special = mustBeSpecial || flag(token, "special", where, false);
    return new AddedToken(
        token.get("content").textValue(),
        flag(token, "single_word", where, false),
        flag(token, "lstrip", where, false),
        flag(token, "rstrip", where, false),
        flag(token, "normalized", where, !special),
        special);
  }

  /** The same token, special. */
  AddedToken asSpecial() {
    return new AddedToken(content, singleWord, lstrip, rstrip, normalized, true);
  }

  /** The entry of a tokenizer.json. */
  ObjectNode toJson(int id) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("content", content)
        .put("single_word", singleWord)
        .put("lstrip", lstrip)
        .put("rstrip", rstrip)
        .put("normalized", normalized)
        .put("special", special);
  }

  private static boolean flag(JsonNode token, String name, String where, boolean absent) {
    JsonNode value = token.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (!value.isBoolean()) {
      throw new DatasetException(
          "%s of the tokenizer has the %s %.80s, which must be true or false."
              .formatted(where, name, value));
    }
    return value.booleanValue();
  }
}
