package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The model of a tokenizer.json. Vocabulary and merges are read as a stream, since they may have
 * hundreds of thousands of entries.
 *
 * @param settings all but vocabulary and merges, by key
 * @param ids the id of each token of the vocabulary
 * @param size entries of the vocabulary
 * @param scored whether the vocabulary is the unigram model's list of tokens with their scores
 * @param merged whether there are merges
 */
record ModelJson(
    Map<String, JsonNode> settings,
    Map<String, Integer> ids,
    int size,
    boolean scored,
    boolean merged) {
  private static final String VOCABULARY = "vocab";
  private static final String MERGES = "merges";
  private static final String PREFIX = "continuing_subword_prefix";

  /** Reads the value that the parser stands before. */
  static ModelJson parse(JsonParser parser, ObjectMapper mapper) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new DatasetException("The model of the tokenizer.json is not a JSON object.");
    }
    Map<String, JsonNode> settings = new HashMap<>();
    Map<String, Integer> ids = new HashMap<>();
    int size = 0;
    boolean scored = false;
    boolean merged = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean again = settings.containsKey(key);
      if (key.equals(VOCABULARY)) {
        again = size > 0;
        scored = value == JsonToken.START_ARRAY;
        size = scored ? parseScored(parser, ids) : parseIds(parser, ids);
      } else if (key.equals(MERGES) && value == JsonToken.START_ARRAY) {
        again = merged;
        merged = true;
        parseMerges(parser, settings.get(PREFIX));
      } else {
        settings.put(key, mapper.readTree(parser));
        if (key.equals(PREFIX) && merged && settings.get(PREFIX).asText("").length() > 0) {
          throw JsonFields.refused("model", "has its " + PREFIX + " behind the merges");
        }
      }
      if (again) {
        throw new DatasetException(
            "The model of the tokenizer.json has the key '%.80s' twice.".formatted(key));
      }
    }
    if (size == 0) {
      throw new DatasetException(
          "The tokenizer.json has no vocabulary. It must be the file of a Hugging Face fast"
              + " tokenizer.");
    }
    return new ModelJson(settings, ids, size, scored, merged);
  }

  /** Each is a list of two tokens, or one text of both. */
  private static void parseMerges(JsonParser parser, @Nullable JsonNode prefix) throws IOException {
    int cut = PatternCheck.utf8Length(prefix == null ? "" : prefix.asText(""));
    int count = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      String right = null;
      if (token == JsonToken.VALUE_STRING) {
        right = parser.getText();
        right = right.substring(right.lastIndexOf(' ') + 1);
      } else if (token == JsonToken.START_ARRAY && parser.nextTextValue() != null) {
        right = parser.nextTextValue();
      }
      boolean ends = token == JsonToken.VALUE_STRING || parser.nextToken() == JsonToken.END_ARRAY;
      if (right == null || !ends || !canBeCut(right, cut)) {
        throw JsonFields.refused(
            String.format(Locale.ROOT, "model.merges[%d]", count),
            "is not a pair of tokens, of which the second begins with the " + PREFIX);
      }
      count++;
    }
  }

  /** Whether so many bytes can be cut off the beginning, which the native library does unasked. */
  private static boolean canBeCut(String token, int bytes) {
    if (bytes == 0) {
      return true;
    }
    byte[] utf8 = token.getBytes(StandardCharsets.UTF_8);
    return utf8.length == bytes || (utf8.length > bytes && (utf8[bytes] & 0xc0) != 0x80);
  }

  private static int parseIds(JsonParser parser, Map<String, Integer> ids) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new DatasetException(
          "The vocabulary of the tokenizer.json is neither an object nor a list.");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String token = parser.currentName();
      boolean whole = parser.nextToken() == JsonToken.VALUE_NUMBER_INT;
      int id = Vocabulary.checkId(whole, parser, token);
      if (ids.put(token, id) != null) {
        throw new DatasetException(
            "The vocabulary of the tokenizer.json has the token '%.80s' twice.".formatted(token));
      }
    }
    return ids.size();
  }

  /** A list of [token, score]: the id is the place in the list. */
  private static int parseScored(JsonParser parser, Map<String, Integer> ids) throws IOException {
    int size = 0;
    while (parser.nextToken() == JsonToken.START_ARRAY) {
      String token = parser.nextTextValue();
      JsonToken score = parser.nextToken();
      boolean number = score == JsonToken.VALUE_NUMBER_FLOAT || score == JsonToken.VALUE_NUMBER_INT;
      if (token == null
          || !number
          || !Double.isFinite(parser.getDoubleValue())
          || parser.nextToken() != JsonToken.END_ARRAY) {
        throw new DatasetException(
            String.format(
                Locale.ROOT,
                "Entry %d of the tokenizer.json's vocabulary is not a token and its finite score.",
                size));
      }
      ids.put(token, size);
      size++;
    }
    if (parser.currentToken() != JsonToken.END_ARRAY) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "Entry %d of the tokenizer.json's vocabulary is not a token and its score.",
              size));
    }
    return size;
  }
}
