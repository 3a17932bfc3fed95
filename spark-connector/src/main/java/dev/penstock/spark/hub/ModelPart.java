package dev.penstock.spark.hub;

import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.modelfiles.AdapterFolder;
import java.util.ArrayList;
import java.util.List;

/** What is wanted of a model on a hub. */
public enum ModelPart {
  /** Everything that scoring and training need: configuration, weights and tokenizer. */
  MODEL(List.of(ModelPart.CONFIG_FILE, AdapterFolder.CONFIG, "generation_config.json"), true),

  /** The tokenizer alone. */
  TOKENIZER(List.of(), true),

  /** The configuration alone: of a model, or of adapters. */
  CONFIG(List.of(ModelPart.CONFIG_FILE, AdapterFolder.CONFIG), false);

  static final String CONFIG_FILE = "config.json";

  private final List<String> settings;

  /** Older forms of a tokenizer, which are taken along for other programs. */
  private final List<String> companions;

  private final boolean withTokenizer;

  ModelPart(List<String> files, boolean withTokenizer) {
    List<String> names = new ArrayList<>(files);
    if (withTokenizer) {
      names.addAll(TokenizerFiles.NAMES);
    }
    settings = List.copyOf(names);
    companions = withTokenizer ? TokenizerFiles.COMPANIONS : List.of();
    this.withTokenizer = withTokenizer;
  }

  /** Small files that change what the model does, if they are there. */
  List<String> settings() {
    return settings;
  }

  /** Whether a file is fetched with a part, if it is there; weights aside. */
  boolean takes(String file) {
    return settings.contains(file)
        || companions.contains(file)
        || (withTokenizer && TokenizerFiles.isFile(file));
  }
}
