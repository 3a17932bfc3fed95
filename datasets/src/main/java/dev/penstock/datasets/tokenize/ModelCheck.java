package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Checks the settings of a model; vocabulary and merges are checked where they are read. */
final class ModelCheck {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ModelCheck() {}

  static void check(ModelJson model) {
    ObjectNode settings = MAPPER.createObjectNode();
    model.settings().forEach(settings::set);
    JsonFields fields = new JsonFields(settings, "model");
    switch (type(model, fields)) {
      case "BPE" -> {
        fields.only(
            "dropout",
            "unk_token",
            "continuing_subword_prefix",
            "end_of_word_suffix",
            "fuse_unk",
            "byte_fallback",
            "ignore_merges");
        for (String name :
            new String[] {"unk_token", "continuing_subword_prefix", "end_of_word_suffix"}) {
          if (fields.has(name)) {
            fields.text(name);
          }
        }
        for (String name : new String[] {"fuse_unk", "byte_fallback", "ignore_merges"}) {
          fields.optionalFlag(name);
        }
        checkDropout(fields);
      }
      case "WordPiece" -> {
        fields.only("unk_token", "continuing_subword_prefix", "max_input_chars_per_word");
        fields.text("unk_token");
        fields.text("continuing_subword_prefix");
        fields.whole("max_input_chars_per_word", 0, Integer.MAX_VALUE);
      }
      case "WordLevel" -> fields.only("unk_token").text("unk_token");
      case "Unigram" -> {
        fields.only("unk_id", "byte_fallback");
        if (fields.has("unk_id")) {
          fields.whole("unk_id", 0, model.size() - 1L);
        }
        if (!fields.node().path("byte_fallback").isMissingNode()) {
          fields.flag("byte_fallback");
        }
      }
      default -> throw fields.unknownType();
    }
  }

  /** Old files leave the type out; then the fields say it. */
  private static String type(ModelJson model, JsonFields fields) {
    String type;
    if (fields.node().has("type")) {
      type = fields.type();
    } else if (model.merged()) {
      type = "BPE";
    } else if (fields.node().has("max_input_chars_per_word")) {
      type = "WordPiece";
    } else {
      type = model.scored() ? "Unigram" : "WordLevel";
    }
    if (model.scored() != type.equals("Unigram") || model.merged() != type.equals("BPE")) {
      throw fields.refused(
          "of type '%.80s' has %s vocabulary with scores and %s merges"
              .formatted(type, model.scored() ? "a" : "no", model.merged() ? "has" : "no"));
    }
    return type;
  }

  private static void checkDropout(JsonFields fields) {
    JsonNode dropout = fields.node().path("dropout");
    boolean fraction =
        dropout.isNumber() && dropout.doubleValue() >= 0 && dropout.doubleValue() <= 1;
    if (fields.has("dropout") && !fraction) {
      throw fields.wrong("dropout", "a number from 0 to 1");
    }
  }
}
