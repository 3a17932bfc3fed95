package dev.penstock.spark.recipe;

import dev.penstock.spark.params.TrainerOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Keys that are other names of keys, and the keys of options. */
final class KeyNames {
  private static final Map<String, String> SYNONYMS =
      Map.of(
          "model.dtype", "model.torch_dtype",
          "dataloader.batch_size", "step_scheduler.local_batch_size");

  private KeyNames() {}

  /** The name of today: {@code autopipeline} was what {@code distributed.pipeline} is. */
  static List<String> canonical(List<String> path) {
    if (path.get(0).equals("autopipeline")) {
      List<String> today = new ArrayList<>(List.of("distributed", "pipeline"));
      today.addAll(path.subList(1, path.size()));
      return today;
    }
    String synonym = SYNONYMS.get(String.join(".", path));
    return synonym == null ? path : List.of(synonym.split("\\."));
  }

  /** The options that a key sets; the betas are two. A part that holds dots is no such key. */
  static List<TrainerOption> options(List<String> path) {
    if (path.stream().anyMatch(part -> part.contains("."))) {
      return List.of();
    }
    String key = String.join(".", canonical(path));
    return Arrays.stream(TrainerOption.values())
        .filter(option -> option.recipeKey().equals(key))
        .toList();
  }

  /**
   * The key most like one that nobody knows.
   *
   * @param known keys by what they may be called
   */
  static String nearest(String key, Map<String, String> known) {
    String nearest = "";
    double least = Double.POSITIVE_INFINITY;
    for (Map.Entry<String, String> candidate : known.entrySet()) {
      double distance = distance(key, candidate.getKey());
      if (distance < least) {
        least = distance;
        nearest = candidate.getValue();
      }
    }
    return nearest;
  }

  /**
   * Edits from one to the other. A key that ends alike but stands in another section is near, and
   * so is one that was cut off.
   */
  private static double distance(String key, String candidate) {
    String last = key.substring(key.lastIndexOf('.') + 1);
    String other = candidate.substring(candidate.lastIndexOf('.') + 1);
    double elsewhere = 2.5 + 2 * edits(last, other);
    double cut = candidate.startsWith(key) ? 2 : Double.POSITIVE_INFINITY;
    return Math.min(edits(key, candidate), Math.min(elsewhere, cut));
  }

  /** Letters to put in, take out, change or swap. */
  private static int edits(String a, String b) {
    int[] before = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    Arrays.setAll(last, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      int[] free = before;
      before = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
