package dev.penstock.engine.train;

import dev.penstock.engine.config.SaveConfig;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.safetensors.ModelWeights;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which file each weight is saved in. Every rank makes the same plan by arithmetic, so that files
 * can be numbered as transformers numbers them without a word between the ranks. Pure Java.
 */
final class ShardPlan {
  /**
   * One file.
   *
   * @param ppRank the pipeline rank that writes it
   * @param bytes of its tensors
   */
  private record Shard(int ppRank, List<String> tensors, long bytes) {}

  private final List<Shard> shards = new ArrayList<>();
  private final String suffix;

  ShardPlan(TrainingPlan plan, SaveConfig config) {
    suffix = config.suffix();
    DecoderTensors tensors = new DecoderTensors(plan.spec());
    Set<String> planned = new HashSet<>();
    for (int ppRank : ranksInOrderOfTheModel(plan)) {
      List<String> current = new ArrayList<>();
      long bytes = 0;
      for (List<String> modules : plan.modulesOf(ppRank).values()) {
        for (TensorShape tensor : modules.stream().flatMap(m -> tensors.of(m).stream()).toList()) {
          if (!planned.add(tensor.name())) {
            continue; // tied: saved where it stands first
          }
          long size = tensor.numel() * config.elementBytes();
          if (!current.isEmpty() && bytes + size > config.maxShardBytes()) {
            shards.add(new Shard(ppRank, List.copyOf(current), bytes));
            current.clear();
            bytes = 0;
          }
          current.add(tensor.name());
          bytes += size;
        }
      }
      if (!current.isEmpty()) {
        shards.add(new Shard(ppRank, List.copyOf(current), bytes));
      }
    }
  }

  /** The rank of the first stage first, for it is the one that saves a tied embedding. */
  private static List<Integer> ranksInOrderOfTheModel(TrainingPlan plan) {
    return plan.schedule().placement().stageToRank().stream().distinct().toList();
  }

  /** Names of the weights in each file that a pipeline rank writes, by file name. */
  Map<String, List<String>> filesOf(int ppRank) {
    Map<String, List<String>> files = new LinkedHashMap<>();
    for (int number = 0; number < shards.size(); number++) {
      if (shards.get(number).ppRank == ppRank) {
        files.put(fileName(number), shards.get(number).tensors);
      }
    }
    return files;
  }

  /** Bytes of the tensors of each file of the model, by file name. */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (int number = 0; number < shards.size(); number++) {
      sizes.put(fileName(number), shards.get(number).bytes);
    }
    return sizes;
  }

  private String fileName(int number) {
    return shards.size() == 1 && suffix.isEmpty()
        ? ModelWeights.SINGLE_FILE
        : String.format(
            Locale.ROOT, "model-%05d-of-%05d%s.safetensors", number + 1, shards.size(), suffix);
  }
}
