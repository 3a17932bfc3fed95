package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the files beside a tokenizer.json say, put together as transformers does it: with a key
 * added_tokens_decoder, even an empty one, tokenizer_config.json counts alone; without it
 * special_tokens_map.json overrides it key by key, and added_tokens.json adds tokens.
 *
 * @param found whether there is a tokenizer_config.json or a special_tokens_map.json
 * @param settings the keys of both
 * @param ownTokens keys ending in {@code _token} that are no role's, such as image_token
 * @param list tokens without a role: additional_special_tokens or extra_special_tokens
 * @param numbered tokens by the number that their file gives them
 * @param byText the same by their text, those too that lost their number to another: their flags
 *     count before those that a role gives
 */
record TokenizerConfig(
    boolean found,
    ObjectNode settings,
    Map<String, AddedToken> ownTokens,
    ArrayNode list,
    SortedMap<Integer, AddedToken> numbered,
    Map<String, AddedToken> byText) {
  private static final String DECODER = "added_tokens_decoder";
  private static final String ADDITIONAL = "additional_special_tokens";
  private static final String EXTRA = "extra_special_tokens";
  private static final String NAMED = "model_specific_special_tokens";
  private static final String TYPE = "__type";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  /** Reads the files. */
  static TokenizerConfig of(TokenizerFiles files, TokenizerJson json) {
    ObjectNode config = object(files, TokenizerFiles.CONFIG);
    boolean alone = config.has(DECODER);
    ObjectNode map =
        alone ? MAPPER.createObjectNode() : object(files, TokenizerFiles.SPECIAL_TOKENS_MAP);
    boolean found =
        files.names().contains(TokenizerFiles.CONFIG)
            || files.names().contains(TokenizerFiles.SPECIAL_TOKENS_MAP);
    Map<String, AddedToken> own = ownTokens(config, map);
    ArrayNode list = list(config, map);
    ObjectNode settings = config.deepCopy();
    settings.setAll(map);
    TokenizerConfig merged =
        new TokenizerConfig(found, settings, own, list, new TreeMap<>(), new HashMap<>());
    if (alone) {
      merged.number(config.get(DECODER));
    } else {
      merged.number(files, json);
    }
    return merged;
  }

  /** The class that transformers would make of it, without "Fast"; empty if nothing says so. */
  String tokenizerClass() {
    String name = settings.path("tokenizer_class").asText("");
    return name.endsWith("Fast") ? name.substring(0, name.length() - "Fast".length()) : name;
  }

  /** The token of a role or list entry: its text alone, or an object. */
  static AddedToken token(JsonNode value, String where) {
    if (value.isTextual()) {
      return AddedToken.special(value.textValue());
    }
    if (!value.isObject()) {
      throw new DatasetException(
          "%s of the tokenizer is %.80s. It must be a token: its text, or an object with its content."
              .formatted(where, value));
    }
    return AddedToken.parse(value, where, false);
  }

  /**
   * Tokens whose keys are no roles. A text in tokenizer_config.json counts before what
   * special_tokens_map.json says of that key, but objects come first in the order.
   */
  private static Map<String, AddedToken> ownTokens(ObjectNode config, ObjectNode map) {
    Map<String, AddedToken> texts = new LinkedHashMap<>();
    Map<String, AddedToken> others = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : config.properties()) {
      JsonNode value = entry.getValue();
      if (isOwnToken(entry.getKey()) && value.isTextual()) {
        texts.put(entry.getKey(), token(value, entry.getKey()));
      } else if (isOwnToken(entry.getKey()) && value.has(TYPE)) {
        others.put(entry.getKey(), token(value, entry.getKey()));
      }
    }
    extra(config).properties().forEach(e -> texts.put(e.getKey(), token(e.getValue(), EXTRA)));
    if (texts.isEmpty()) {
      named(config).forEach(e -> texts.put(e.getKey(), token(e.getValue(), NAMED)));
    }
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      JsonNode value = entry.getValue();
      if (isOwnToken(entry.getKey()) && (value.isTextual() || value.isObject())) {
        others.put(entry.getKey(), token(value, entry.getKey()));
      }
    }
    map.path(EXTRA).properties().forEach(e -> texts.put(e.getKey(), token(e.getValue(), EXTRA)));
    others.putAll(texts);
    return others;
  }

  /** Tokens as transformers 5 saves them, beside the keys of their own that make these count. */
  private static Set<Map.Entry<String, JsonNode>> named(ObjectNode config) {
    JsonNode named = config.path(NAMED);
    if (!named.isMissingNode() && !named.isNull() && !named.isObject()) {
      throw new DatasetException(
          "%s of the tokenizer is %.80s. It must be an object of tokens by their names."
              .formatted(NAMED, named));
    }
    return named.properties();
  }

  private static boolean isOwnToken(String key) {
    return key.endsWith("_token") && !SpecialTokenNames.ROLES.contains(key);
  }

  /** Tokens of tokenizer_config.json without a role: the old key counts if the new one is empty. */
  private static JsonNode extra(ObjectNode config) {
    JsonNode extra = config.path(EXTRA);
    boolean isEmpty = extra.isContainerNode() ? extra.isEmpty() : extra.asText("").isEmpty();
    boolean saysNothing = isEmpty || extra.isNull() || extra.equals(BooleanNode.FALSE);
    return saysNothing && config.has(ADDITIONAL) ? config.get(ADDITIONAL) : extra;
  }

  /**
   * Tokens without a role. The old key counts where the new one is absent; as an object of named
   * tokens the new one is as good as absent.
   */
  private static ArrayNode list(ObjectNode config, ObjectNode map) {
    JsonNode additional = map.has(ADDITIONAL) ? map.get(ADDITIONAL) : config.path(ADDITIONAL);
    JsonNode extra = extra(config);
    ArrayNode list = MAPPER.createArrayNode();
    if (map.path(EXTRA).isArray()) {
      addAll(extra, list);
      addAll(map.get(EXTRA), list);
      return list;
    }
    if (map.has(EXTRA)) {
      extra = map.get(EXTRA);
    }
    boolean isOld = extra.isMissingNode() || extra.isObject();
    if (isOld && map.has(ADDITIONAL) && additional.isObject()) {
      throw noList(additional);
    }
    addAll(isOld ? additional : extra, list);
    return list;
  }

  private static void addAll(JsonNode source, ArrayNode target) {
    if (source.isArray()) {
      source.forEach(target::add);
    } else if (!source.isMissingNode() && !source.isNull() && !source.isObject()) {
      throw noList(source);
    }
  }

  private static DatasetException noList(JsonNode value) {
    return new DatasetException(
        "%s or %s of the tokenizer is %.80s. It must be a list of tokens."
            .formatted(ADDITIONAL, EXTRA, value));
  }

  private void number(JsonNode decoder) {
    if (!decoder.isObject()) {
      throw new DatasetException(
          "The %s of the tokenizer's %s is %.80s. It must be an object of tokens by their number."
              .formatted(DECODER, TokenizerFiles.CONFIG, decoder));
    }
    decoder
        .properties()
        .forEach(
            entry -> {
              String where = "%s['%.20s']".formatted(DECODER, entry.getKey());
              int id = Vocabulary.checkId(parsed(entry.getKey()), where);
              put(id, AddedToken.parse(entry.getValue(), where, false));
            });
  }

  /** Tokens of added_tokens.json, of which those are special that have a role or are listed. */
  private void number(TokenizerFiles files, TokenizerJson json) {
    object(files, TokenizerFiles.ADDED_TOKENS)
        .properties()
        .forEach(
            entry -> {
              String text = entry.getKey();
              String where = "'%.80s' in %s".formatted(text, TokenizerFiles.ADDED_TOKENS);
              boolean special = isNamed(text);
              put(
                  Vocabulary.checkId(entry.getValue(), where),
                  new AddedToken(text, false, false, false, !special, special));
            });
    for (int i = 0; i < json.addedTokens().size(); i++) {
      put(json.addedTokenIds().get(i), json.addedTokens().get(i));
    }
  }

  private void put(int id, AddedToken token) {
    numbered.put(id, token);
    byText.put(token.content(), token);
  }

  private boolean isNamed(String token) {
    for (String role : SpecialTokenNames.ROLES) {
      JsonNode value = settings.path(role);
      if (token.equals((value.isObject() ? value.path("content") : value).textValue())) {
        return true;
      }
    }
    for (JsonNode entry : list) {
      if (token.equals((entry.isObject() ? entry.path("content") : entry).textValue())) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode parsed(String text) {
    try {
      return MAPPER.getNodeFactory().numberNode(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      return MAPPER.getNodeFactory().textNode(text);
    }
  }

  private static ObjectNode object(TokenizerFiles files, String name) {
    if (!files.names().contains(name)) {
      return MAPPER.createObjectNode();
    }
    try {
      if (MAPPER.readTree(files.bytes(name)) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      throw new DatasetException(
          "The %s of the tokenizer is no valid JSON: %.500s. Copy or download it again."
              .formatted(name, e.getMessage()),
          e);
    }
    throw new DatasetException("The %s of the tokenizer is not a JSON object.".formatted(name));
  }
}
