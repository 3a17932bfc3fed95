package dev.penstock.datasets;

import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The real text and the real tokenizer among the test resources. */
public final class TestingData {
  /** The tokenizer's end-of-text token. */
  public static final int EOT = 2;

  /** Its number of tokens. */
  public static final int VOCAB_SIZE = 4096;

  private TestingData() {}

  /** A byte-level BPE tokenizer with its configuration. */
  public static TokenizerFiles tokenizer() {
    return TokenizerFiles.of(
        Map.of(
            "tokenizer.json", resource("/tokenizer/byte-level-bpe-4k/tokenizer.json"),
            "tokenizer_config.json",
                resource("/tokenizer/byte-level-bpe-4k/tokenizer_config.json")));
  }

  /** 200 verses of the King James Bible, of Genesis and of John. */
  public static List<String> verses() {
    return new String(resource("/kjv-excerpt.txt"), StandardCharsets.UTF_8).lines().toList();
  }

  /** Bytes of a test resource. */
  public static byte[] resource(String path) {
    try (InputStream in = TestingData.class.getResourceAsStream(path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
