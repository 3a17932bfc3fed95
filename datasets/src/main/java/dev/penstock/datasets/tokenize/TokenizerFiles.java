package dev.penstock.datasets.tokenize;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.Sha256;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The bytes of a tokenizer's files: what executors are sent, and what is saved beside a model.
 * Immutable.
 */
public final class TokenizerFiles implements Serializable {
  private static final long serialVersionUID = 1;

  /** The file that every tokenizer has. */
  public static final String TOKENIZER = "tokenizer.json";

  /** The settings of a tokenizer. */
  public static final String CONFIG = "tokenizer_config.json";

  /** The chat template, where the settings do not hold it. */
  public static final String CHAT_TEMPLATE = "chat_template.jinja";

  static final String SPECIAL_TOKENS_MAP = "special_tokens_map.json";
  static final String ADDED_TOKENS = "added_tokens.json";

  /** The files of a model folder that belong to its tokenizer; all but the first may be missing. */
  public static final List<String> NAMES =
      List.of(TOKENIZER, CONFIG, SPECIAL_TOKENS_MAP, ADDED_TOKENS, CHAT_TEMPLATE);

  /** What other programs read of a tokenizer, in older forms; not needed for its ids. */
  public static final List<String> COMPANIONS =
      List.of(
          "tokenizer.model",
          "vocab.json",
          "merges.txt",
          "vocab.txt",
          "spiece.model",
          "sentencepiece.bpe.model",
          "tekken.json");

  private final SortedMap<String, byte[]> bytesByName;

  private TokenizerFiles(SortedMap<String, byte[]> bytesByName) {
    this.bytesByName = bytesByName;
  }

  /**
   * Files read by the caller.
   *
   * @param bytesByName bytes by file name, one of {@link #NAMES}; {@value #TOKENIZER} among them
   */
  public static TokenizerFiles of(Map<String, byte[]> bytesByName) {
    SortedMap<String, byte[]> copy = new TreeMap<>();
    bytesByName.forEach((name, bytes) -> copy.put(name, bytes.clone()));
    if (!NAMES.containsAll(copy.keySet()) || !copy.containsKey(TOKENIZER)) {
      throw new DatasetException(
          "A tokenizer is made of %s and optionally others of %s, but these came: %s."
              .formatted(TOKENIZER, NAMES, copy.keySet()));
    }
    return new TokenizerFiles(copy);
  }

  /**
   * Reads a tokenizer from the local file system.
   *
   * @param path a model folder, or a tokenizer.json of any name, beside which the others are looked
   *     for
   */
  public static TokenizerFiles read(Path path) throws IOException {
    Path tokenizer = Files.isDirectory(path) ? path.resolve(TOKENIZER) : path;
    if (!Files.isRegularFile(tokenizer)) {
      throw new DatasetException(
          "There is no tokenizer at %s. Give the path of a tokenizer.json, or of a folder with one."
              .formatted(tokenizer.toAbsolutePath()));
    }
    SortedMap<String, byte[]> bytesByName = new TreeMap<>();
    for (String name : NAMES) {
      Path file = tokenizer.resolveSibling(name);
      if (Files.isRegularFile(file)) {
        bytesByName.put(name, Files.readAllBytes(file));
      }
    }
    bytesByName.put(TOKENIZER, Files.readAllBytes(tokenizer));
    return new TokenizerFiles(bytesByName);
  }

  /** Names of the files there are, sorted. */
  public Set<String> names() {
    return Collections.unmodifiableSet(bytesByName.keySet());
  }

  /** A copy of a file's bytes; {@code name} is one of {@link #names}. */
  public byte[] bytes(String name) {
    byte[] bytes = bytesByName.get(name);
    if (bytes == null) {
      throw new IllegalArgumentException(
          "The tokenizer has no file '%s', only %s.".formatted(name, bytesByName.keySet()));
    }
    return bytes.clone();
  }

  /** SHA-256 in hexadecimal of all files: the same means the same tokenizer. */
  String contentSha256() {
    StringBuilder parts = new StringBuilder();
    bytesByName.forEach(
        (name, bytes) -> parts.append(name).append(' ').append(Sha256.hex(bytes)).append('\n'));
    return Sha256.hex(parts.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * SHA-256 in hexadecimal of {@value #TOKENIZER} as the other files complete it: the same means
   * the same ids for a text.
   *
   * @throws DatasetException if the files are not those of a Hugging Face fast tokenizer
   */
  public String sha256() {
    return CompleteTokenizer.of(this).sha256();
  }
}
