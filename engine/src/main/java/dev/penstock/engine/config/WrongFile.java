package dev.penstock.engine.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Tells by the first characters of a file what lies in the place of a model's. */
public final class WrongFile {
  private static final Map<Pattern, String> KINDS = new LinkedHashMap<>();

  static {
    put(
        "version ",
        "It is a pointer of Git LFS in place of the file: run 'git lfs pull' where it was cloned, or download the file.");
    put(
        "\\s*<(!doc|html|\\?xml)",
        "It is a web page, perhaps one that tells why the download failed: download the file again.");
    put(
        "PK",
        "It is pickled by PyTorch, which is not read: save the model again with safe_serialization=True.");
    put("GGUF", "It is of GGUF: use the safetensors that it was made of.");
  }

  private WrongFile() {}

  private static void put(String beginning, String sentence) {
    KINDS.put(Pattern.compile(beginning, Pattern.CASE_INSENSITIVE), sentence);
  }

  /**
   * What the file is and what to do, in a sentence.
   *
   * @param beginning at least eight characters of the file
   * @param otherwise the sentence for any other
   */
  public static String describe(String beginning, String otherwise) {
    return KINDS.entrySet().stream()
        .filter(kind -> kind.getKey().matcher(beginning).lookingAt())
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(otherwise);
  }
}
