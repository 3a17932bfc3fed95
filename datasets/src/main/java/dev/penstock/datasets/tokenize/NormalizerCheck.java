package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Checks the normalizer, and remembers what it takes out of a text: an added token of which nothing
 * is left would be found between the bytes of a character, where the native library gives up.
 */
final class NormalizerCheck {
  private static final int MOST_GROWTH = 1000;

  private final List<String> removedTexts = new ArrayList<>();
  private boolean stripsSpaces;
  private boolean removesControls;
  private boolean removesAccents;
  private boolean removesByPattern;
  private long growth = 1;

  /** Checks the part of a file, which may be absent. */
  static NormalizerCheck of(JsonNode normalizer) {
    NormalizerCheck check = new NormalizerCheck();
    if (!normalizer.isMissingNode() && !normalizer.isNull()) {
      check.check(normalizer, "normalizer", 0);
    }
    return check;
  }

  /** Whether something is certainly left of a token. */
  boolean leaves(String token) {
    String text = Normalizer.normalize(token, Normalizer.Form.NFKD);
    for (String removed : removedTexts) {
      text = text.replace(removed, "");
    }
    return !removesByPattern && text.codePoints().anyMatch(this::stays);
  }

  private boolean stays(int c) {
    int type = Character.getType(c);
    boolean control =
        type == Character.CONTROL
            || type == Character.FORMAT
            || type == Character.UNASSIGNED
            || type == Character.PRIVATE_USE
            || c == 0xfffd;
    boolean accent =
        type == Character.NON_SPACING_MARK
            || type == Character.COMBINING_SPACING_MARK
            || type == Character.ENCLOSING_MARK;
    boolean space = Character.isWhitespace(c) || Character.isSpaceChar(c) || control;
    return !(stripsSpaces && space) && !(removesControls && control) && !(removesAccents && accent);
  }

  private void check(JsonNode normalizer, String where, int depth) {
    JsonFields fields = new JsonFields(normalizer, where);
    switch (fields.type()) {
      case "Sequence" -> {
        JsonNode parts = fields.only("normalizers").parts("normalizers", depth);
        for (int i = 0; i < parts.size(); i++) {
          check(
              parts.get(i), String.format(Locale.ROOT, "%s.normalizers[%d]", where, i), depth + 1);
        }
      }
      case "BertNormalizer", "Bert" -> checkBert(fields);
      case "Strip" -> {
        fields.only("strip_left", "strip_right");
        stripsSpaces |= fields.flag("strip_left") | fields.flag("strip_right");
      }
      case "StripAccents" -> {
        fields.only();
        removesAccents = true;
      }
      case "Nmt" -> {
        fields.only();
        removesControls = true;
      }
      case "Precompiled" -> {
        fields.only("precompiled_charsmap");
        CharsmapCheck.check(normalizer.path("precompiled_charsmap"), where);
        removesControls = true;
        removesAccents = true;
      }
      case "Replace" -> checkReplace(fields);
      case "Prepend" -> {
        if (fields.only("prepend").text("prepend").isEmpty()) {
          throw fields.wrong("prepend", "a text that is not empty");
        }
      }
      case "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "ByteLevel" -> fields.only();
      default -> throw fields.unknownType();
    }
  }

  private void checkBert(JsonFields fields) {
    fields.only("clean_text", "handle_chinese_chars", "strip_accents", "lowercase");
    removesControls |= fields.flag("clean_text");
    fields.flag("handle_chinese_chars");
    fields.optionalFlag("strip_accents");
    fields.flag("lowercase");
    removesAccents = true;
  }

  private void checkReplace(JsonFields fields) {
    fields.only("pattern", "content");
    String content = fields.text("content");
    if (PatternCheck.check(fields)) {
      throw fields.refused("replaces a pattern that matches between any two characters");
    }
    if (content.isBlank()) {
      JsonNode text = fields.node().path("pattern").path("String");
      if (text.isTextual()) {
        removedTexts.add(text.textValue());
      } else {
        removesByPattern |= content.isEmpty();
      }
    }
    int shortest = fields.node().path("pattern").path("String").asText("x").length();
    growth *= Math.max(1, content.length() / shortest);
    if (growth > MOST_GROWTH) {
      throw fields.refused(
          String.format(Locale.ROOT, "makes a text more than %d times as long", MOST_GROWTH));
    }
  }
}
