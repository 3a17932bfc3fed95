package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers as strangers have them: ids, texts and roles are those that transformers gives. */
class ForeignTokenizersTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "add-bos-eos-config",
        "added-tokens-json",
        "config-additional",
        "config-beats-map",
        "config-decoder-gap",
        "config-decoder-only",
        "config-eos-only",
        "config-pad-only",
        "extra-special-tokens",
        "fast-prefix-space",
        "gemma3-bos",
        "gpt2-prefix-space",
        "gpt2-prefix-space-off",
        "llama-class",
        "llama31-bos",
        "map-beats-config",
        "special-map-only"
      })
  void idsAreThoseOfTheReference(String name) throws IOException, URISyntaxException {
    Path folder = Path.of(ForeignTokenizersTest.class.getResource("/tokenizers/" + name).toURI());
    JsonNode expected = JSON.readTree(folder.resolve("expected.json").toFile());
    assertThat(expected.get("cases")).hasSizeGreaterThan(15);
    try (TextTokenizer tokenizer = TextTokenizer.open(TokenizerFiles.read(folder))) {
      for (JsonNode golden : expected.get("cases")) {
        String text = golden.get("text").textValue();
        int[] ids = tokenizer.encode(text, SpecialTokens.INCLUDED);
        int[] without = tokenizer.encode(text, SpecialTokens.EXCLUDED);
        assertThat(ids).as(text).isEqualTo(ints(golden.get("ids")));
        assertThat(without).as(text).isEqualTo(ints(golden.get("ids_without")));
        assertThat(tokenizer.decode(without, SpecialTokens.INCLUDED))
            .isEqualTo(golden.get("decoded").textValue());
        assertThat(tokenizer.decode(ids, SpecialTokens.EXCLUDED))
            .isEqualTo(golden.get("decoded_skipping").textValue());
      }
      assertThat(tokenizer.bosTokenId()).isEqualTo(id(expected.get("bos")));
      assertThat(tokenizer.eosTokenId()).isEqualTo(id(expected.get("eos")));
      assertThat(tokenizer.padTokenId()).isEqualTo(id(expected.get("pad")));
      assertThat(tokenizer.vocabSize()).isEqualTo(expected.get("size").intValue());
    }
  }

  private static int[] ints(JsonNode list) throws IOException {
    return JSON.treeToValue(list, int[].class);
  }

  private static OptionalInt id(JsonNode id) {
    return id.isNull() ? OptionalInt.empty() : OptionalInt.of(id.intValue());
  }
}
