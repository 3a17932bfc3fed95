package dev.penstock.spark.fs;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.SafetensorsException;
import dev.penstock.engine.safetensors.SafetensorsIndex;
import dev.penstock.engine.train.RankResult;
import dev.penstock.engine.train.SavedShard;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weight files of a run as they are on storage.
 *
 * @param index which holds which tensor
 */
public record SavedWeights(SafetensorsIndex index) {
  /**
   * Reads the files' headers, and holds them against what the ranks say they wrote: that they can
   * be seen from here, are whole, and have those tensors and no others.
   *
   * @throws ConfigException if a rank's file is not there
   * @throws SafetensorsException if it is not what the rank wrote
   */
  public static SavedWeights check(HadoopFolder folder, List<RankResult> ranks) throws IOException {
    Map<String, String> fileByTensor = new TreeMap<>();
    long totalSize = 0;
    for (RankResult rank : ranks) {
      for (SavedShard shard : rank.saved()) {
        if (!folder.exists(shard.file())) {
          throw new ConfigException(
              String.format(
                  Locale.ROOT,
                  ("Rank %d wrote %s to %s, but the driver does not find it there. Set outputPath to"
                      + " storage that all hosts share."),
                  rank.rank(),
                  shard.file(),
                  folder.location()));
        }
        Map<String, Long> found = sizes(folder, shard.file());
        if (!found.equals(shard.tensors())) {
          throw new SafetensorsException(
              String.format(
                  Locale.ROOT,
                  "%s/%s is not what rank %d wrote: it has %d tensors of %d bytes, not %d of %d. Something else writes into that folder.",
                  folder.location(),
                  shard.file(),
                  rank.rank(),
                  found.size(),
                  found.values().stream().mapToLong(Long::longValue).sum(),
                  shard.tensors().size(),
                  shard.bytes()));
        }
        found.keySet().forEach(name -> fileByTensor.put(name, shard.file()));
        totalSize += shard.bytes();
      }
    }
    return new SavedWeights(new SafetensorsIndex(totalSize, fileByTensor));
  }

  private static Map<String, Long> sizes(HadoopFolder folder, String file) throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (ModelWeights weights = ModelWeights.ofFile(folder, file)) {
      for (String name : weights.names()) {
        sizes.put(name, weights.entry(name).byteLength());
      }
    }
    return sizes;
  }

  /** Whether they are one file that needs no index. */
  boolean isSingleFile() {
    return index.weightMap().containsValue(ModelWeights.SINGLE_FILE);
  }
}
