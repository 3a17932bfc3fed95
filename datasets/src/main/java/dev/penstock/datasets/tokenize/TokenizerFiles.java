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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  /** The folder of further chat templates, each in a file {@code NAME.jinja}. */
  public static final String ADDITIONAL_TEMPLATES = "additional_chat_templates";

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

  private static final Pattern ADDITIONAL_TEMPLATE =
      Pattern.compile(ADDITIONAL_TEMPLATES + "/([^/]+)\\.jinja");

  private final SortedMap<String, byte[]> bytesByName;

  private TokenizerFiles(SortedMap<String, byte[]> bytesByName) {
    this.bytesByName = bytesByName;
  }

  /**
   * Files read by the caller.
   *
   * @param bytesByName bytes by file name, each of which {@link #isFile}; {@value #TOKENIZER} among
   *     them
   */
  public static TokenizerFiles of(Map<String, byte[]> bytesByName) {
    SortedMap<String, byte[]> copy = new TreeMap<>();
    bytesByName.forEach((name, bytes) -> copy.put(name, bytes.clone()));
    if (!copy.keySet().stream().allMatch(TokenizerFiles::isFile) || !copy.containsKey(TOKENIZER)) {
      throw new DatasetException(
          "A tokenizer is made of %s and optionally others of %s and %s/NAME.jinja, but these came: %s."
              .formatted(TOKENIZER, NAMES, ADDITIONAL_TEMPLATES, copy.keySet()));
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
    Path additional = tokenizer.resolveSibling(ADDITIONAL_TEMPLATES);
    if (Files.isDirectory(additional)) {
      try (Stream<Path> files = Files.list(additional)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String name = ADDITIONAL_TEMPLATES + "/" + file.getFileName();
          if (isFile(name)) {
            bytesByName.put(name, Files.readAllBytes(file));
          }
        }
      }
    }
    bytesByName.put(TOKENIZER, Files.readAllBytes(tokenizer));
    return new TokenizerFiles(bytesByName);
  }

  /** Whether a file of this name, relative to the model's folder, belongs to a tokenizer. */
  public static boolean isFile(String name) {
    return NAMES.contains(name) || ADDITIONAL_TEMPLATE.matcher(name).matches();
  }

  /** The same tokenizer with one chat template, in place of all that its files have. */
  public TokenizerFiles withChatTemplate(String template) {
    SortedMap<String, byte[]> others = new TreeMap<>(bytesByName);
    others.keySet().removeIf(name -> ADDITIONAL_TEMPLATE.matcher(name).matches());
    others.put(CHAT_TEMPLATE, template.getBytes(StandardCharsets.UTF_8));
    return new TokenizerFiles(others);
  }

  /** Bytes of the further chat templates, by the name of each. */
  public SortedMap<String, byte[]> additionalTemplates() {
    SortedMap<String, byte[]> byTemplate = new TreeMap<>();
    bytesByName.forEach(
        (name, bytes) -> {
          Matcher matcher = ADDITIONAL_TEMPLATE.matcher(name);
          if (matcher.matches()) {
            byTemplate.put(matcher.group(1), bytes.clone());
          }
        });
    return byTemplate;
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
