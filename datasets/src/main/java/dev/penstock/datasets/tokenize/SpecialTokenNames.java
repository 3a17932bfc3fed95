package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which tokens play which part: what tokenizer_config.json says, or special_tokens_map.json where
 * that is silent. Without either file, the usual names are possible.
 *
 * @param candidatesByRole tokens by key, for example {@code eos_token}
 */
record SpecialTokenNames(Map<String, List<String>> candidatesByRole) {
  static final String BOS = "bos_token";
  static final String EOS = "eos_token";
  static final String PAD = "pad_token";

  private static final Map<String, List<String>> USUAL =
      Map.of(
          BOS, List.of("<s>", "<bos>", "<|begin_of_text|>"),
          EOS, List.of("</s>", "<eos>", "<|endoftext|>", "<|end_of_text|>"),
          PAD, List.of("<pad>", "<|pad|>", "[PAD]"));

  private static final ObjectMapper MAPPER = new ObjectMapper();

  SpecialTokenNames {
    candidatesByRole = Map.copyOf(candidatesByRole);
  }

  static SpecialTokenNames of(TokenizerFiles files) {
    Map<String, List<String>> tokenByRole = new HashMap<>();
    boolean configured = false;
    for (String file : List.of(TokenizerFiles.CONFIG, TokenizerFiles.SPECIAL_TOKENS_MAP)) {
      if (files.names().contains(file)) {
        configured = true;
        JsonNode json = parse(files.bytes(file), file);
        for (String role : USUAL.keySet()) {
          JsonNode value = json.path(role);
          JsonNode token = value.isObject() ? value.path("content") : value;
          if (token.isTextual()) {
            tokenByRole.putIfAbsent(role, List.of(token.textValue()));
          }
        }
      }
    }
    return new SpecialTokenNames(configured ? tokenByRole : USUAL);
  }

  /** All tokens that may play a part. */
  Set<String> all() {
    return candidatesByRole.values().stream().flatMap(List::stream).collect(Collectors.toSet());
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

  private static JsonNode parse(byte[] bytes, String file) {
    try {
      return MAPPER.readTree(bytes);
    } catch (IOException e) {
      throw new DatasetException(
          "The %s of the tokenizer is no valid JSON: %s. Copy or download it again."
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
