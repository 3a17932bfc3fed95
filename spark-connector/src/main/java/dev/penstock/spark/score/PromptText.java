package dev.penstock.spark.score;

import dev.penstock.datasets.tokenize.SpecialTokens;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a prompt's text to that of its continuation.
 *
 * @param specialTokens whether the tokenizer puts its own around a prompt
 */
record PromptText(ModelRef model, Continuation continuation, SpecialTokens specialTokens) {
  private static final Logger log = LoggerFactory.getLogger(PromptText.class);

  /**
   * What follows the prompt.
   *
   * @param onToken called after each token that is added; what it throws ends the text's making
   */
  String continuation(LoadedModel loaded, String prompt, Runnable onToken) {
    Set<Integer> ends = ends(loaded);
    int[] tokens = promptTokens(loaded, prompt, ends);
    int[] added = loaded.model().generate(tokens, continuation.of(tokens.length, ends), onToken);
    // Decoded together, for the first word of a text may be spelled unlike one within it.
    int[] all = Arrays.copyOf(tokens, tokens.length + added.length);
    System.arraycopy(added, 0, all, tokens.length, added.length);
    String beginning = loaded.tokenizer().decode(tokens, SpecialTokens.EXCLUDED);
    String whole = loaded.tokenizer().decode(all, SpecialTokens.EXCLUDED);
    return whole.startsWith(beginning)
        ? whole.substring(beginning.length())
        : loaded.tokenizer().decode(added, SpecialTokens.EXCLUDED);
  }

  private Set<Integer> ends(LoadedModel loaded) {
    if (continuation.endTokenIds() != null) {
      return continuation.endTokenIds();
    }
    OptionalInt end = loaded.tokenizer().eosTokenId();
    log.warn(
        "The model at {} does not say what ends a text, so {} does.",
        model.paths().location(),
        end.isEmpty() ? "nothing" : "the tokenizer's token " + end.getAsInt());
    return end.isEmpty() ? Set.of() : Set.of(end.getAsInt());
  }

  /** Without the end of text that some tokenizers put behind everything: nothing follows it. */
  private int[] promptTokens(LoadedModel loaded, String prompt, Set<Integer> ends) {
    OptionalInt tokenizersEnd = loaded.tokenizer().eosTokenId();
    int[] tokens = loaded.encoder(specialTokens).encode(prompt);
    int[] own = loaded.tokenizer().encode(prompt, SpecialTokens.EXCLUDED);
    int put = trailing(tokens, ends, tokenizersEnd) - trailing(own, ends, tokenizersEnd);
    return Arrays.copyOf(tokens, tokens.length - Math.max(0, put));
  }

  private static int trailing(int[] tokens, Set<Integer> ends, OptionalInt end) {
    int length = tokens.length;
    while (length > 0
        && (ends.contains(tokens[length - 1])
            || end.isPresent() && end.getAsInt() == tokens[length - 1])) {
      length--;
    }
    return tokens.length - length;
  }
}
