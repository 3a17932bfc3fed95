package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.recipe.Recipe;
import dev.penstock.spark.recipe.RecipeReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** The recipe and what the command line changes of it. */
final class RecipeArguments {
  private static final List<String> WORKERS = List.of("--nproc-per-node", "--nproc_per_node");

  @Parameters(
      arity = "1..*",
      paramLabel = "RECIPE.yaml [--a.b.c value]",
      description = "A recipe, and keys of it with other values.")
  private List<String> words = new ArrayList<>();

  Recipe read() throws IOException {
    String file = words.get(0);
    if (file.startsWith("-")) {
      throw new ConfigException(
          "The recipe comes first, then the keys that are to be other than in it; %s is no file."
              .formatted(Quoted.of(file)));
    }
    return RecipeReader.read(
        RecipeFile.read(file), Quoted.of(file), overrides(words), System::getenv);
  }

  /** What launchers of Python are told of workers: Spark says how many task slots there are. */
  private static List<String> overrides(List<String> words) {
    List<String> overrides = new ArrayList<>(words.subList(1, words.size()));
    for (int i = 0; i < overrides.size(); i++) {
      String word = overrides.get(i);
      if (WORKERS.contains(word) && i + 1 < overrides.size()) {
        overrides.subList(i, i + 2).clear();
      } else if (WORKERS.stream().anyMatch(flag -> word.startsWith(flag + "="))) {
        overrides.remove(i);
      }
    }
    return overrides;
  }
}
