package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tokenizer.json with what the files beside it say put into it: the native library reads that
 * file alone.
 *
 * @param json the file; what needs no change is as it was
 * @param vocabulary its ids
 * @param names which tokens play which part
 */
record CompleteTokenizer(String json, Vocabulary vocabulary, SpecialTokenNames names) {
  private static final String PRE_TOKENIZER = "pre_tokenizer";
  private static final String PREFIX_SPACE = "add_prefix_space";
  private static final String SPLIT_SPECIAL = "split_special_tokens";

  /** Classes for which add_prefix_space of tokenizer_config.json counts, false if it is absent. */
  private static final Set<String> PREFIX_CLASSES =
      Set.of(
          "GPT2Tokenizer",
          "GPTNeoXTokenizer",
          "CodeGenTokenizer",
          "RobertaTokenizer",
          "Qwen2Tokenizer",
          "CohereTokenizer");

  /**
   * Puts the files together.
   *
   * @throws DatasetException if they are not those of a fast tokenizer
   */
  static CompleteTokenizer of(TokenizerFiles files) {
    TokenizerJson json = TokenizerJson.parse(files.bytes(TokenizerFiles.TOKENIZER));
    TokenizerConfig config = TokenizerConfig.of(files, json);
    refuseSplitting(config);
    JsonNode padding = json.part("padding").path("pad_token");
    List<AddedToken> added = new ArrayList<>(json.addedTokens());
    List<AddedToken> more = missing(json, config, padding);
    added.addAll(more);
    TokenizerCheck.check(json, added);
    Vocabulary vocabulary = Vocabulary.of(json.model(), added);
    Map<String, JsonNode> changed = new HashMap<>();
    for (String unused : List.of("truncation", "padding")) {
      if (json.part(unused).isObject()) {
        changed.put(unused, NullNode.getInstance());
      }
    }
    if (!more.isEmpty()) {
      changed.put(TokenizerJson.ADDED_TOKENS, entries(json, added, vocabulary));
    }
    JsonNode preTokenizer = json.part(PRE_TOKENIZER).deepCopy();
    if (PREFIX_CLASSES.contains(config.tokenizerClass())
        && setPrefixSpace(preTokenizer, config.settings().path(PREFIX_SPACE).asBoolean(false))) {
      changed.put(PRE_TOKENIZER, preTokenizer);
    }
    return new CompleteTokenizer(
        changed.isEmpty() ? json.text() : json.with(changed),
        vocabulary,
        SpecialTokenNames.of(config, padding));
  }

  /** With it transformers cuts special tokens in a text like other words. */
  private static void refuseSplitting(TokenizerConfig config) {
    if (config.settings().path(SPLIT_SPECIAL).asBoolean(false)) {
      throw new DatasetException(
          "%s in the tokenizer's %s is true, but special tokens in a text are always taken for what they are. Set it to false, or leave it out."
              .formatted(SPLIT_SPECIAL, TokenizerFiles.CONFIG));
    }
  }

  /** SHA-256 in hexadecimal of the file. */
  String sha256() {
    return Sha256.hex(json.getBytes(StandardCharsets.UTF_8));
  }

  /** Tokens to add behind those of tokenizer.json, in transformers' order. */
  private static List<AddedToken> missing(
      TokenizerJson json, TokenizerConfig config, JsonNode padding) {
    Map<String, AddedToken> present = new HashMap<>();
    json.addedTokens().forEach(token -> present.put(token.content(), token));
    List<AddedToken> named = named(config, padding);
    Set<String> namedTexts = new LinkedHashSet<>();
    named.forEach(token -> namedTexts.add(token.content()));
    List<AddedToken> missing = new ArrayList<>();
    for (AddedToken token : config.numbered().values()) {
      // One that is there, but with other flags, is added again: the flags of the last one count.
      if (!token.equals(present.get(token.content()))) {
        missing.add(namedTexts.contains(token.content()) ? token.asSpecial() : token);
      }
    }
    missing.forEach(token -> present.put(token.content(), token));
    List<AddedToken> all = new ArrayList<>(named);
    config.list().forEach(entry -> all.add(TokenizerConfig.token(entry, "A special token")));
    for (AddedToken token : all) {
      // Named twice with other flags it is added twice, and the flags of the last one count.
      if (!present.containsKey(token.content()) && !missing.contains(token)) {
        missing.add(token);
      }
    }
    return missing;
  }

  private static List<AddedToken> named(TokenizerConfig config, JsonNode padding) {
    List<AddedToken> named = new ArrayList<>();
    for (String role : SpecialTokenNames.ROLES) {
      JsonNode value = config.settings().path(role);
      if (value.isMissingNode() && role.equals(SpecialTokenNames.PAD) && padding.isTextual()) {
        value = padding;
      }
      if (!value.isMissingNode() && !value.isNull()) {
        AddedToken token = TokenizerConfig.token(value, role);
        named.add(config.byText().getOrDefault(token.content(), token).asSpecial());
      }
    }
    named.addAll(config.ownTokens().values().stream().map(AddedToken::asSpecial).toList());
    return named;
  }

  private static ArrayNode entries(
      TokenizerJson json, List<AddedToken> added, Vocabulary vocabulary) {
    ArrayNode entries = JsonNodeFactory.instance.arrayNode();
    json.part(TokenizerJson.ADDED_TOKENS).forEach(entries::add);
    for (int i = entries.size(); i < added.size(); i++) {
      entries.add(added.get(i).toJson(vocabulary.addedIds().get(i)));
    }
    return entries;
  }

  /** Whether there was something to change. */
  private static boolean setPrefixSpace(JsonNode preTokenizer, boolean prefixSpace) {
    boolean changed = false;
    for (JsonNode part : preTokenizer.path("pretokenizers")) {
      changed |= setPrefixSpace(part, prefixSpace);
    }
    if (preTokenizer instanceof ObjectNode object
        && object.path("type").asText().equals("ByteLevel")
        && object.path(PREFIX_SPACE).asBoolean() != prefixSpace) {
      object.put(PREFIX_SPACE, prefixSpace);
      changed = true;
    }
    return changed;
  }
}
