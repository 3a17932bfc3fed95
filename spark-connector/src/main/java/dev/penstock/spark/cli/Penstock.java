package dev.penstock.spark.cli;

import dev.penstock.datasets.DatasetException;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.safetensors.SafetensorsException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The commands of {@code bin/penstock}, and the main class for spark-submit.
 *
 * <p>Exit codes: 0 if all went well, 2 if the user has something to change, 1 for anything else.
 */
@Command(
    name = "penstock",
    description = "Trains Hugging Face language models with pipeline parallelism in Spark.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TrainCommand.class,
      ExplainCommand.class,
      ResolveCommand.class,
      ParamsCommand.class,
      ScoreCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      DoctorCommand.class
    })
public final class Penstock {
  static final int USER_ERROR = 2;

  private Penstock() {}

  /** Runs a command and ends the process. */
  public static void main(String[] args) {
    Charset charset = Charset.defaultCharset();
    int status =
        run(
            List.of(args),
            new PrintWriter(System.out, true, charset),
            new PrintWriter(System.err, true, charset));
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Runs a command. */
  static int run(List<String> args, PrintWriter out, PrintWriter errors) {
    CommandLine line = new CommandLine(new Penstock());
    line.setOut(out).setErr(errors);
    line.setExpandAtFiles(false).setUnmatchedOptionsArePositionalParams(true);
    line.setExecutionExceptionHandler(
        (error, command, result) -> {
          if (error instanceof ConfigException
              || error instanceof SafetensorsException
              || error instanceof DatasetException) {
            errors.println(error.getMessage());
            return USER_ERROR;
          }
          throw error;
        });
    return line.execute(CommandSpelling.ours(args).toArray(String[]::new));
  }
}
