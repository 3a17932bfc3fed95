package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the native tokenizer does not tell of a tokenizer.json: how many ids there are, and the ids
 * of certain tokens. Read as a stream, since a vocabulary may have hundreds of thousands of
 * entries.
 */
final class Vocabulary {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final Set<String> wanted;
  private final Map<String, Integer> idByToken = new HashMap<>();
  private int maxId = -1;

  private Vocabulary(Set<String> wanted) {
    this.wanted = wanted;
  }

  /**
   * Reads a tokenizer.json.
   *
   * @param json its bytes
   * @param wanted tokens whose ids will be asked for
   */
  static Vocabulary parse(byte[] json, Set<String> wanted) {
    Vocabulary vocabulary = new Vocabulary(wanted);
    try (JsonParser parser = FACTORY.createParser(json)) {
      vocabulary.parseRoot(parser);
    } catch (IOException e) {
      throw new DatasetException(
          "The tokenizer.json is no valid JSON: %s. Copy or download it again."
              .formatted(e.getMessage()),
          e);
    }
    if (vocabulary.maxId < 0) {
      throw new DatasetException(
          "The tokenizer.json has no vocabulary. It must be the file of a Hugging Face fast"
              + " tokenizer.");
    }
    return vocabulary;
  }

  /** One more than the largest id. */
  int size() {
    return maxId + 1;
  }

  /** The id of one of the wanted tokens. */
  OptionalInt id(String token) {
    Integer id = idByToken.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  private void parseRoot(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals("added_tokens") && value == JsonToken.START_ARRAY) {
        parseAddedTokens(parser);
      } else if (key.equals("model") && value == JsonToken.START_OBJECT) {
        parseModel(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void parseAddedTokens(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      String content = "";
      int id = -1;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        if (key.equals("content")) {
          content = parser.getText();
        } else if (key.equals("id") && value == JsonToken.VALUE_NUMBER_INT) {
          id = parser.getIntValue();
        } else {
          parser.skipChildren();
        }
      }
      add(content, id);
    }
  }

  private void parseModel(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String token = parser.currentName();
          add(token, parser.nextIntValue(-1));
        }
      } else if (key.equals("vocab") && value == JsonToken.START_ARRAY) {
        parseScoredTokens(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  /** The unigram model's list of [token, score]: the id is the place in the list. */
  private void parseScoredTokens(JsonParser parser) throws IOException {
    for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
      add(parser.nextTextValue(), id);
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        parser.skipChildren();
      }
    }
  }

  private void add(String token, int id) {
    maxId = Math.max(maxId, id);
    if (wanted.contains(token)) {
      idByToken.putIfAbsent(token, id);
    }
  }
}
