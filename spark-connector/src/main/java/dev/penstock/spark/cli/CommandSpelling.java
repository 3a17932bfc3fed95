package dev.penstock.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Command lines as they stand in documents about NeMo AutoModel, turned into ours: {@code automodel
 * finetune llm -c F}, {@code automodel F}, {@code finetune llm -c F}.
 */
final class CommandSpelling {
  private static final Set<String> PROGRAMS = Set.of("automodel", "am");
  private static final Set<String> JOBS = Set.of("finetune", "pretrain", "benchmark", "kd");
  private static final Set<String> FILE_FLAGS = Set.of("-c", "--config");

  private CommandSpelling() {}

  /** Ours: the command first, then the recipe. */
  static List<String> ours(List<String> args) {
    List<String> words = new ArrayList<>(args);
    boolean isTheirs = !words.isEmpty() && isProgram(words.get(0));
    if (isTheirs || startsJob(words) || (!words.isEmpty() && isRecipe(words.get(0)))) {
      words.add(0, "train");
    }
    if (words.size() > 1 && isProgram(words.get(1))) {
      words.remove(1);
    }
    if (words.size() > 2 && JOBS.contains(words.get(1)) && words.get(2).equals("llm")) {
      words.subList(1, 3).clear();
    }
    for (int i = 1; i < words.size() - 1; i++) {
      if (FILE_FLAGS.contains(words.get(i))) {
        words.remove(i);
        words.add(1, words.remove(i)); // the file, before its overrides
        break;
      }
    }
    return words;
  }

  private static boolean startsJob(List<String> words) {
    return words.size() > 1 && JOBS.contains(words.get(0)) && words.get(1).equals("llm");
  }

  private static boolean isProgram(String word) {
    return PROGRAMS.contains(word);
  }

  private static boolean isRecipe(String word) {
    return word.endsWith(".yaml") || word.endsWith(".yml");
  }
}
