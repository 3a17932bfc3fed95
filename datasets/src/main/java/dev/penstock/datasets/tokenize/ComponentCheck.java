package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Checks pre-tokenizer, post-processor and decoder: types, fields and values that the native
 * library knows, and none with which it would give up on some text.
 */
final class ComponentCheck {
  private static final int MOST_IDS = 1000;

  private ComponentCheck() {}

  static void preTokenizer(JsonNode part, String where, int depth) {
    JsonFields fields = new JsonFields(part, where);
    switch (fields.type()) {
      case "Sequence" -> {
        JsonNode parts = fields.only("pretokenizers").parts("pretokenizers", depth);
        for (int i = 0; i < parts.size(); i++) {
          preTokenizer(
              parts.get(i),
              String.format(Locale.ROOT, "%s.pretokenizers[%d]", where, i),
              depth + 1);
        }
      }
      case "ByteLevel" -> byteLevel(fields);
      case "Metaspace" -> metaspace(fields);
      case "CharDelimiterSplit" -> fields.only("delimiter").character("delimiter");
      case "Split" -> {
        fields.only("pattern", "behavior", "invert").flag("invert");
        behavior(fields);
        PatternCheck.check(fields);
      }
      case "Punctuation" -> {
        if (fields.only("behavior").has("behavior")) {
          behavior(fields);
        }
      }
      case "Digits" -> fields.only("individual_digits").flag("individual_digits");
      case "FixedLength" -> fields.only("length").whole("length", 1, Integer.MAX_VALUE);
      case "BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts" -> fields.only();
      default -> throw fields.unknownType();
    }
  }

  static void decoder(JsonNode part, String where, int depth) {
    JsonFields fields = new JsonFields(part, where);
    switch (fields.type()) {
      case "Sequence" -> {
        JsonNode parts = fields.only("decoders").parts("decoders", depth);
        for (int i = 0; i < parts.size(); i++) {
          decoder(parts.get(i), String.format(Locale.ROOT, "%s.decoders[%d]", where, i), depth + 1);
        }
      }
      case "ByteLevel" -> byteLevel(fields);
      case "Metaspace" -> metaspace(fields);
      case "BPEDecoder" -> fields.only("suffix").text("suffix");
      case "WordPiece" -> {
        fields.only("prefix", "cleanup").text("prefix");
        fields.flag("cleanup");
      }
      case "CTC" -> {
        fields.only("pad_token", "word_delimiter_token", "cleanup").text("pad_token");
        fields.text("word_delimiter_token");
        fields.flag("cleanup");
      }
      case "Replace" -> {
        fields.only("pattern", "content").text("content");
        PatternCheck.check(fields);
      }
      case "Strip" -> {
        fields.only("content", "start", "stop").character("content");
        fields.whole("start", 0, Integer.MAX_VALUE);
        if (fields.whole("stop", 0, Integer.MAX_VALUE) > 0) {
          throw fields.refused(
              "strips the end, which the tokenizers library cannot do of an empty text");
        }
      }
      case "Fuse", "ByteFallback" -> fields.only();
      default -> throw fields.unknownType();
    }
  }

  /**
   * Checks a post-processor.
   *
   * @return how many of its parts put tokens around a text; of these only one can work
   */
  static int postProcessor(JsonNode part, String where, int depth) {
    JsonFields fields = new JsonFields(part, where);
    switch (fields.type()) {
      case "Sequence" -> {
        JsonNode parts = fields.only("processors").parts("processors", depth);
        int putting = 0;
        for (int i = 0; i < parts.size(); i++) {
          putting +=
              postProcessor(
                  parts.get(i),
                  String.format(Locale.ROOT, "%s.processors[%d]", where, i),
                  depth + 1);
        }
        if (putting > 1) {
          throw fields.refused("puts tokens around a text more than once");
        }
        return putting;
      }
      case "ByteLevel" -> {
        byteLevel(fields);
        return 0;
      }
      case "BertProcessing" -> around(fields.only("sep", "cls"));
      case "RobertaProcessing" -> {
        around(fields.only("sep", "cls", "trim_offsets", "add_prefix_space"));
        fields.flag("trim_offsets");
        fields.flag("add_prefix_space");
      }
      case "TemplateProcessing" -> template(fields.only("single", "pair", "special_tokens"));
      default -> throw fields.unknownType();
    }
    return 1;
  }

  private static void byteLevel(JsonFields fields) {
    fields.only("add_prefix_space", "trim_offsets", "use_regex");
    fields.flag("add_prefix_space");
    fields.flag("trim_offsets");
    if (!fields.node().path("use_regex").isMissingNode()) {
      fields.flag("use_regex");
    }
  }

  private static void metaspace(JsonFields fields) {
    fields.only("replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep");
    fields.character("replacement");
    fields.optionalFlag("add_prefix_space");
    fields.optionalFlag("split");
    if (fields.has("prepend_scheme")) {
      fields.oneOf("prepend_scheme", "first", "never", "always");
    }
    if (fields.has("str_rep")) {
      fields.text("str_rep");
    }
  }

  private static void behavior(JsonFields fields) {
    fields.oneOf(
        "behavior", "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");
  }

  private static void around(JsonFields fields) {
    for (String name : new String[] {"sep", "cls"}) {
      JsonNode pair = fields.list(name, 2);
      if (pair.size() != 2 || !pair.get(0).isTextual()) {
        throw fields.wrong(name, "a list of a token and its id");
      }
      Vocabulary.checkId(
          pair.get(1), "%s.%s in the tokenizer.json".formatted(fields.where(), name));
    }
  }

  private static void template(JsonFields fields) {
    Set<String> known = new HashSet<>();
    JsonFields tokens =
        new JsonFields(fields.node().path("special_tokens"), fields.where() + ".special_tokens");
    tokens
        .node()
        .properties()
        .forEach(
            entry -> {
              String where = "%s['%.80s']".formatted(tokens.where(), entry.getKey());
              specialToken(new JsonFields(entry.getValue(), where));
              known.add(entry.getKey());
            });
    pieces(fields, "single", known);
    pieces(fields, "pair", known);
    if (sequences(fields.node().path("single"), "A") == 0
        || sequences(fields.node().path("single"), "B") > 0) {
      throw fields.refused("has a single template that is not about sequence A alone");
    }
  }

  private static void specialToken(JsonFields token) {
    token.only("id", "ids", "tokens").text("id");
    JsonNode ids = token.list("ids", MOST_IDS);
    JsonNode texts = token.list("tokens", MOST_IDS);
    if (ids.size() != texts.size()) {
      throw token.refused(
          String.format(Locale.ROOT, "has %d ids, but %d tokens", ids.size(), texts.size()));
    }
    for (int i = 0; i < ids.size(); i++) {
      Vocabulary.checkId(ids.get(i), token.where() + " in the tokenizer.json");
      if (!texts.get(i).isTextual()) {
        throw token.wrong("tokens", "a list of texts");
      }
    }
  }

  private static void pieces(JsonFields fields, String name, Set<String> known) {
    JsonNode pieces = fields.list(name, MOST_IDS);
    for (int i = 0; i < pieces.size(); i++) {
      String where = String.format(Locale.ROOT, "%s.%s[%d]", fields.where(), name, i);
      JsonFields piece = new JsonFields(pieces.get(i), where).only("Sequence", "SpecialToken");
      if (piece.node().size() != 1) {
        throw piece.refused("is not one of Sequence and SpecialToken");
      }
      boolean special = piece.has("SpecialToken");
      JsonFields inner =
          new JsonFields(piece.node().path(special ? "SpecialToken" : "Sequence"), where);
      inner.only("id", "type_id").whole("type_id", 0, Integer.MAX_VALUE);
      if (special && !known.contains(inner.text("id"))) {
        throw inner.wrong("id", "a key of special_tokens");
      } else if (!special) {
        inner.oneOf("id", "A", "B");
      }
    }
  }

  private static int sequences(JsonNode pieces, String id) {
    int count = 0;
    for (JsonNode piece : pieces) {
      count += piece.path("Sequence").path("id").asText().equals(id) ? 1 : 0;
    }
    return count;
  }
}
