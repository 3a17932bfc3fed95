package dev.penstock.spark.cli;

import dev.penstock.spark.params.TrainerOption;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the table of options: recipe key, which is the flag too, Param, default and meaning. */
@Command(name = "params", description = "Prints every option: flag, Spark Param, default, meaning.")
final class ParamsCommand implements Runnable {
  @Spec private CommandSpec command;

  @Override
  public void run() {
    for (TrainerOption option : TrainerOption.values()) {
      command
          .commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "--%s%n    Param %s, %s%s%n    %s%n",
              option.recipeKey(),
              option.paramName(),
              kind(option),
              option.defaultValue() == null ? "" : ", default " + option.defaultValue(),
              option.meaning());
    }
  }

  private static String kind(TrainerOption option) {
    String type = option.type().getSimpleName().toLowerCase(Locale.ROOT);
    return String.join(
        " ", Stream.of(type, option.allowed()).filter(text -> !text.isEmpty()).toList());
  }
}
