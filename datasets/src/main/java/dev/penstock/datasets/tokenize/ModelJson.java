package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The model of a tokenizer.json. Vocabulary and merges are read as a stream, since they may have
 * hundreds of thousands of entries.
 *
 * @param settings all but vocabulary and merges, by key
 * @param ids the id of each token of the vocabulary
 * @param size entries of the vocabulary
 * @param scored whether the vocabulary is the unigram model's list of tokens with their scores
 */
record ModelJson(
    Map<String, JsonNode> settings, Map<String, Integer> ids, int size, boolean scored) {
  private static final String VOCABULARY = "vocab";
  private static final String MERGES = "merges";

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
        parser.skipChildren();
      } else {
        settings.put(key, mapper.readTree(parser));
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
    return new ModelJson(settings, ids, size, scored);
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
            "Entry %d of the tokenizer.json's vocabulary is not a token and its finite score."
                .formatted(size));
      }
      ids.put(token, size);
      size++;
    }
    if (parser.currentToken() != JsonToken.END_ARRAY) {
      throw new DatasetException(
          "Entry %d of the tokenizer.json's vocabulary is not a token and its score."
              .formatted(size));
    }
    return size;
  }
}
