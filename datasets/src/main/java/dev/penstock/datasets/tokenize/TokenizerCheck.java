package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads a tokenizer.json strictly before the native library does. That library (tokenizers 0.21)
 * gives up by a panic where a file is damaged in certain ways, at once or when a text comes that it
 * was not made for; a panic cannot leave native code, and so ends the JVM without a word. What
 * would lead there is refused here.
 */
final class TokenizerCheck {
  private static final int MOST_ADDED = 1 << 16;
  private static final int NEXT_LINE = 0x85;

  private static final Set<String> ROOT =
      Set.of(
          "version",
          "truncation",
          "padding",
          "added_tokens",
          "normalizer",
          "pre_tokenizer",
          "post_processor",
          "decoder");

  private TokenizerCheck() {}

  /**
   * Checks a file.
   *
   * @param added all tokens that are added to the model's, those of other files too
   * @throws dev.penstock.datasets.DatasetException if it must not reach the native library
   */
  static void check(TokenizerJson json, List<AddedToken> added) {
    for (String key : json.keys()) {
      if (!ROOT.contains(key)) {
        throw JsonFields.refused("The root", "has the unknown key '%.80s'".formatted(key));
      }
    }
    JsonNode version = json.part("version");
    if (!version.isMissingNode() && !version.asText().equals("1.0")) {
      throw JsonFields.refused("The root", "has the version %.80s".formatted(version));
    }
    ModelCheck.check(json.model());
    NormalizerCheck normalizer = NormalizerCheck.of(json.part("normalizer"));
    if (isThere(json.part("pre_tokenizer"))) {
      ComponentCheck.preTokenizer(json.part("pre_tokenizer"), "pre_tokenizer", 0);
    }
    if (isThere(json.part("post_processor"))) {
      ComponentCheck.postProcessor(json.part("post_processor"), "post_processor", 0);
    }
    if (isThere(json.part("decoder"))) {
      ComponentCheck.decoder(json.part("decoder"), "decoder", 0);
    }
    checkAdded(added, normalizer);
  }

  private static void checkAdded(List<AddedToken> added, NormalizerCheck normalizer) {
    if (added.size() > MOST_ADDED) {
      throw JsonFields.refused(
          "The added tokens",
          String.format(Locale.ROOT, "are %d, more than %d", added.size(), MOST_ADDED));
    }
    boolean takesSpaceBehind = added.stream().anyMatch(AddedToken::rstrip);
    for (AddedToken token : added) {
      if (takesSpaceBehind && token.lstrip() && beginsWithSpace(token.content())) {
        throw JsonFields.refused(
            "The added token '%.80s'".formatted(token.content()),
            "takes the space before it (lstrip) and begins with one, but another takes the space"
                + " behind it (rstrip)");
      }
      if (token.normalized() && !normalizer.leaves(token.content())) {
        throw JsonFields.refused(
            "The added token '%.80s'".formatted(token.content()),
            "is to be found in normalized text, but the normalizer may leave nothing of it");
      }
    }
  }

  private static boolean beginsWithSpace(String text) {
    int c = text.isEmpty() ? 'x' : Normalizer.normalize(text, Normalizer.Form.NFKD).codePointAt(0);
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == NEXT_LINE;
  }

  private static boolean isThere(JsonNode part) {
    return !part.isMissingNode() && !part.isNull();
  }
}
