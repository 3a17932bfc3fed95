package dev.penstock.spark.fs;

import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Tokenizers on any Hadoop file system. */
public final class TokenizerFolder {
  private TokenizerFolder() {}

  /**
   * Reads a tokenizer.
   *
   * @param path a model folder, or a tokenizer.json of any name, beside which the others are looked
   *     for
   */
  public static TokenizerFiles read(String path, Configuration conf) throws IOException {
    HadoopFolder folder = HadoopFolder.of(path, conf);
    String tokenizer = TokenizerFiles.TOKENIZER;
    if (!folder.exists(tokenizer)) {
      Path file = new Path(path);
      if (file.getParent() == null) {
        throw missing(path);
      }
      folder = HadoopFolder.of(file.getParent().toString(), conf);
      tokenizer = file.getName();
    }
    if (!folder.exists(tokenizer)) {
      throw missing(path);
    }
    Map<String, byte[]> bytesByName = new TreeMap<>();
    for (String name : TokenizerFiles.NAMES) {
      if (folder.exists(name)) {
        bytesByName.put(name, folder.read(name));
      }
    }
    for (String name : additionalTemplates(folder)) {
      bytesByName.put(name, folder.read(name));
    }
    bytesByName.put(TokenizerFiles.TOKENIZER, folder.read(tokenizer));
    return TokenizerFiles.of(bytesByName);
  }

  /** Names of the files of further chat templates in a model folder. */
  static List<String> additionalTemplates(HadoopFolder folder) throws IOException {
    return folder.folder(TokenizerFiles.ADDITIONAL_TEMPLATES).list().stream()
        .map(name -> TokenizerFiles.ADDITIONAL_TEMPLATES + "/" + name)
        .filter(TokenizerFiles::isFile)
        .toList();
  }

  /** Writes the files into a model folder. */
  public static void write(TokenizerFiles files, HadoopFolder folder) throws IOException {
    for (String name : files.names()) {
      folder.write(name, files.bytes(name));
    }
  }

  /**
   * Copies what lies beside a tokenizer and belongs to it, for converters and other programs.
   *
   * @param path as {@link #read} takes it
   */
  public static void copyCompanions(String path, String target, Configuration conf)
      throws IOException {
    HadoopFolder named = HadoopFolder.of(path, conf);
    Path parent = new Path(path).getParent();
    HadoopFolder source =
        named.exists(TokenizerFiles.TOKENIZER) || parent == null
            ? named
            : HadoopFolder.of(parent.toString(), conf);
    for (String name : TokenizerFiles.COMPANIONS) {
      if (source.exists(name)) {
        source.copyTo(HadoopFolder.of(target, conf), name);
      }
    }
  }

  private static ConfigException missing(String path) {
    return new ConfigException(
        "There is no tokenizer at %s. Set tokenizerPath to a tokenizer.json or a folder with one."
            .formatted(path));
  }
}
