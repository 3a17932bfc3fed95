package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which tokens play which part: what the files beside tokenizer.json say, or its class means.
 * Without such files, the usual names are possible.
 *
 * @param candidatesByRole tokens by key, for example {@code eos_token}
 */
record SpecialTokenNames(Map<String, List<String>> candidatesByRole) {
  static final String BOS = "bos_token";
  static final String EOS = "eos_token";
  static final String PAD = "pad_token";

  /** All roles, in the order in which their tokens are added to a vocabulary that lacks them. */
  static final List<String> ROLES =
      List.of(BOS, EOS, "unk_token", "sep_token", PAD, "cls_token", "mask_token");

  private static final Map<String, List<String>> USUAL =
      Map.of(
          BOS, List.of("<s>", "<bos>", "<|begin_of_text|>"),
          EOS, List.of("</s>", "<eos>", "<|endoftext|>", "<|end_of_text|>"),
          PAD, List.of("<pad>", "<|pad|>", "[PAD]"));

  private static final String TEXT_END = "<|endoftext|>";

  /** What a class takes where tokenizer_config.json has no such key. */
  private static final Map<String, Map<String, String>> BY_CLASS =
      Map.of(
          "GPT2Tokenizer", Map.of(BOS, TEXT_END, EOS, TEXT_END),
          "GPTNeoXTokenizer", Map.of(BOS, TEXT_END, EOS, TEXT_END, PAD, "<|padding|>"),
          "CodeGenTokenizer", Map.of(BOS, TEXT_END, EOS, TEXT_END),
          "Qwen2Tokenizer", Map.of(EOS, TEXT_END, PAD, TEXT_END),
          "LlamaTokenizer", Map.of(BOS, "<s>", EOS, "</s>"),
          "GemmaTokenizer", Map.of(BOS, "<bos>", EOS, "<eos>", PAD, "<pad>"),
          "CohereTokenizer",
              Map.of(BOS, "<BOS_TOKEN>", EOS, "<|END_OF_TURN_TOKEN|>", PAD, "<PAD>"));

  SpecialTokenNames {
    candidatesByRole = Map.copyOf(candidatesByRole);
  }

  /**
   * The names of a tokenizer.
   *
   * @param padding the padding token of tokenizer.json itself, or nothing
   */
  static SpecialTokenNames of(TokenizerConfig config, JsonNode padding) {
    Map<String, List<String>> tokens =
        new HashMap<>(config.found() ? Map.<String, List<String>>of() : USUAL);
    BY_CLASS
        .getOrDefault(config.tokenizerClass(), Map.of())
        .forEach((role, token) -> tokens.put(role, List.of(token)));
    if (padding.isTextual()) {
      tokens.put(PAD, List.of(padding.textValue()));
    }
    for (String role : ROLES) {
      JsonNode value = config.settings().path(role);
      if (value.isNull()) {
        tokens.remove(role);
      } else if (!value.isMissingNode()) {
        tokens.put(role, List.of(TokenizerConfig.token(value, role).content()));
      }
    }
    return new SpecialTokenNames(tokens);
  }

  /** The tokens by role, of all roles that have one. */
  SortedMap<String, String> named(Vocabulary vocabulary) {
    SortedMap<String, String> named = new TreeMap<>();
    candidatesByRole.forEach(
        (role, candidates) -> {
          List<String> known =
              candidates.size() == 1
                  ? candidates
                  : candidates.stream().filter(token -> vocabulary.id(token).isPresent()).toList();
          if (known.size() == 1) {
            named.put(role, known.get(0));
          }
        });
    return named;
  }

  /** The token of a role, if exactly one of the candidates is in the vocabulary. */
  OptionalInt id(String role, Vocabulary vocabulary) {
    int[] ids =
        candidatesByRole.getOrDefault(role, List.of()).stream()
            .map(vocabulary::id)
            .flatMapToInt(OptionalInt::stream)
            .toArray();
    return ids.length == 1 ? OptionalInt.of(ids[0]) : OptionalInt.empty();
  }
}
