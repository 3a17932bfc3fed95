package dev.penstock.spark.cli;

import dev.penstock.spark.recipe.Recipe;
import dev.penstock.spark.recipe.RecipeJson;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what becomes of each key of a recipe; reads neither model nor data, and starts no Spark. */
@Command(
    name = "resolve",
    description = "Prints as JSON what becomes of each key of a recipe.",
    footer = "Exit code 0 if nothing is refused or unknown, else 2.")
final class ResolveCommand implements Callable<Integer> {
  @Spec private CommandSpec command;
  @Mixin private RecipeArguments arguments;

  @Override
  public Integer call() throws IOException {
    Recipe recipe = arguments.read();
    command.commandLine().getOut().println(RecipeJson.of(recipe));
    return recipe.isRunnable() ? 0 : Penstock.USER_ERROR;
  }
}
