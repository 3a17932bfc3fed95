package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A tokenizer.json, read in one pass: its small parts as trees, the model's vocabulary as a map,
 * and where the parts lie in the text, so that one can be exchanged without touching the others.
 */
final class TokenizerJson {
  static final String ADDED_TOKENS = "added_tokens";
  static final String MODEL = "model";

  private static final int DEEPEST = 32;
  private static final int ESCAPE = 6;

  private static final String BYTE_ORDER_MARK = "\ufeff";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  private final String text;
  private final Map<String, Part> parts = new HashMap<>();
  private ModelJson model;

  private TokenizerJson(String text) {
    this.text = text;
  }

  private record Part(JsonNode tree, int begin, int end) {}

  /**
   * Reads the file.
   *
   * @throws DatasetException if it is no JSON, or no tokenizer
   */
  static TokenizerJson parse(byte[] file) {
    TokenizerJson json;
    try {
      json = new TokenizerJson(decode(file));
      checkEscapes(json.text);
      try (JsonParser parser = MAPPER.createParser(json.text)) {
        json.parseRoot(parser);
      }
    } catch (IOException e) {
      throw new DatasetException(
          "The tokenizer.json is no valid JSON: %.500s. Copy or download it again."
              .formatted(e.getMessage()),
          e);
    }
    if (json.model == null) {
      throw new DatasetException(
          "The tokenizer.json has no model. It must be the file of a Hugging Face fast tokenizer.");
    }
    return json;
  }

  /** What lies under a key of the root but the model; missing if there is nothing. */
  JsonNode part(String key) {
    Part part = parts.get(key);
    return part == null ? MissingNode.getInstance() : part.tree;
  }

  Set<String> keys() {
    return Collections.unmodifiableSet(parts.keySet());
  }

  ModelJson model() {
    return model;
  }

  /** The tokens that the file adds to the model's. */
  List<AddedToken> addedTokens() {
    JsonNode list = part(ADDED_TOKENS);
    List<AddedToken> tokens = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      tokens.add(AddedToken.parse(list.get(i), place(i), false));
    }
    return Collections.unmodifiableList(tokens);
  }

  /** The number that the file gives to each of {@link #addedTokens}. */
  List<Integer> addedTokenIds() {
    JsonNode list = part(ADDED_TOKENS);
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      ids.add(Vocabulary.checkId(list.get(i).path("id"), place(i)));
    }
    return Collections.unmodifiableList(ids);
  }

  /**
   * The file with parts exchanged.
   *
   * @param newParts trees by key of the root
   */
  String with(Map<String, JsonNode> newParts) {
    StringBuilder out = new StringBuilder(text.length() + 1024);
    List<String> inPlace =
        newParts.keySet().stream()
            .filter(parts::containsKey)
            .sorted(Comparator.comparingInt(key -> parts.get(key).begin))
            .toList();
    int done = 0;
    for (String key : inPlace) {
      Part old = parts.get(key);
      out.append(text, done, old.begin).append(newParts.get(key));
      done = old.end;
    }
    int end = text.lastIndexOf('}');
    out.append(text, done, end);
    for (Map.Entry<String, JsonNode> part : newParts.entrySet()) {
      if (!parts.containsKey(part.getKey())) { // behind the model, which is always there
        out.append(",\"").append(part.getKey()).append("\":").append(part.getValue());
      }
    }
    return out.append('}').toString();
  }

  String text() {
    return text;
  }

  private void parseRoot(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new DatasetException("The tokenizer.json is not a JSON object.");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken first = parser.nextToken();
      if (parts.containsKey(key) || (key.equals(MODEL) && model != null)) {
        throw new DatasetException("The tokenizer.json has the key '%.80s' twice.".formatted(key));
      }
      int begin = (int) parser.currentTokenLocation().getCharOffset();
      if (key.equals(MODEL)) {
        model = ModelJson.parse(parser, MAPPER);
      } else {
        JsonNode tree = MAPPER.readTree(parser);
        boolean closed = first.isStructStart();
        int end = closed ? (int) parser.currentLocation().getCharOffset() : begin;
        parts.put(key, new Part(tree, begin, end));
      }
    }
    if (parser.nextToken() != null) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "The tokenizer.json goes on behind its end, at character %d.",
              parser.currentTokenLocation().getCharOffset()));
    }
    checkLists();
  }

  private void checkLists() {
    JsonNode added = part(ADDED_TOKENS);
    if (!added.isMissingNode() && !(added instanceof ArrayNode)) {
      throw new DatasetException("The added_tokens of the tokenizer.json are not a list.");
    }
  }

  /**
   * The text of the file, which must be UTF-8, without the mark that some editors begin it with.
   */
  private static String decode(byte[] file) throws CharacterCodingException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString();
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }

  /** Refuses halves of characters, which Java's texts may have and the native library's not. */
  private static void checkEscapes(String text) {
    int at = text.indexOf('\\');
    while (at >= 0) {
      if (text.startsWith("\\u", at)) {
        boolean high = isEscape(text, at, "dD", "89abAB");
        boolean low = isEscape(text, at, "dD", "cdefCDEF");
        if (low || (high && !isEscape(text, at + ESCAPE, "dD", "cdefCDEF"))) {
          throw JsonFields.refused("A text", "has half a character, at character " + at);
        }
        at += high ? 2 * ESCAPE : ESCAPE;
      } else {
        at += 2;
      }
      at = text.indexOf('\\', at);
    }
  }

  private static boolean isEscape(String text, int at, String first, String second) {
    return text.startsWith("\\u", at)
        && at + ESCAPE <= text.length()
        && first.indexOf(text.charAt(at + 2)) >= 0
        && second.indexOf(text.charAt(at + 3)) >= 0;
  }

  private static String place(int index) {
    return String.format(Locale.ROOT, "added_tokens[%d] in the tokenizer.json", index);
  }
}
