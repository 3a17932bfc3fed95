package dev.penstock.spark.hub;

import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.SafetensorsException;
import dev.penstock.engine.safetensors.SafetensorsIndex;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a cache has of a model at a commit.
 *
 * @param model the model in the cache
 * @param commit the commit
 */
record Snapshot(CachedModel model, String commit) {
  private static final int MAX_INDEX_BYTES = 100_000_000;

  /** That of a revision, if the cache knows it. */
  static Optional<Snapshot> find(CachedModel model, String revision) throws IOException {
    return model.commit(revision).map(commit -> new Snapshot(model, commit));
  }

  Folder folder() {
    return model.snapshot(commit);
  }

  /** Whether it has all that a part cannot do without. */
  boolean isUsable(ModelPart part) throws IOException {
    Folder folder = folder();
    return switch (part) {
      case CONFIG -> folder.exists(ModelPart.CONFIG_FILE) || folder.exists(AdapterFolder.CONFIG);
      case TOKENIZER -> folder.exists(TokenizerFiles.TOKENIZER);
      case MODEL ->
          folder.exists(AdapterFolder.CONFIG)
              ? folder.exists(AdapterFolder.WEIGHTS)
              : folder.exists(ModelPart.CONFIG_FILE) && hasWeights(folder);
    };
  }

  /**
   * Whether nothing is missing: each file that changes what the model does is there, or is known
   * not to exist. Who fetched the weights alone may not have asked for the others.
   */
  boolean isComplete(ModelPart part) throws IOException {
    if (!isUsable(part)) {
      return false;
    }
    Folder folder = folder();
    for (String name : part.settings()) {
      if (!folder.exists(name) && !model.lacks(commit, name)) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasWeights(Folder folder) throws IOException {
    if (folder.exists(ModelWeights.SINGLE_FILE)) {
      return true;
    }
    if (!folder.exists(SafetensorsIndex.FILE_NAME)) {
      return false;
    }
    for (String shard : shards(folder)) {
      if (!folder.exists(shard)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The files that the index in a folder names.
   *
   * @throws SafetensorsException if it is none
   */
  static Set<String> shards(Folder folder) throws IOException {
    byte[] index = folder.read(SafetensorsIndex.FILE_NAME, MAX_INDEX_BYTES);
    String file = folder.location() + "/" + SafetensorsIndex.FILE_NAME;
    return new TreeSet<>(SafetensorsIndex.parse(index, file).weightMap().values());
  }

  /** Names of the files of a part that are here. */
  List<String> files(ModelPart part) throws IOException {
    Folder folder = folder();
    Set<String> weights =
        new TreeSet<>(
            List.of(AdapterFolder.WEIGHTS, ModelWeights.SINGLE_FILE, SafetensorsIndex.FILE_NAME));
    if (folder.exists(SafetensorsIndex.FILE_NAME)) {
      weights.addAll(shards(folder));
    }
    return folder.listAll().stream()
        .filter(file -> part.takes(file) || (part == ModelPart.MODEL && weights.contains(file)))
        .toList();
  }
}
