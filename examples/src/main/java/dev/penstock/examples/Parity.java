package dev.penstock.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.parity.ParityCheck;
import dev.penstock.engine.parity.ParityReport;
import dev.penstock.engine.schedule.Schedules;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Compares models in a pipeline of threads with what transformers recorded for them, in one line of
 * JSON each. {@code docs/export_reference.py} records; {@code bin/parity --help} lists the flags.
 */
@Command(
    name = "parity",
    mixinStandardHelpOptions = true,
    description = "Compares a pipeline's numbers with those that transformers recorded.")
public final class Parity implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "FOLDER",
      arity = "1..*",
      description =
          "Model folders with golden.safetensors and golden.json beside the weights. Each gets a line"
              + " of its own, one that fails too: the next is compared nevertheless.")
  private List<Path> folders;

  @Option(
      names = "--adapter",
      paramLabel = "FOLDER",
      description =
          "Adapter folder that peft saved, with the golden files in it: compares the model with it.")
  private @Nullable Path adapter;

  @Option(
      names = "--pp-size",
      paramLabel = "N",
      defaultValue = "1",
      description = "Ranks of the pipeline. Default: ${DEFAULT-VALUE}.")
  private int ppSize;

  @Option(
      names = "--schedule",
      paramLabel = "S",
      defaultValue = "1f1b",
      description = "Pipeline schedule. Default: ${DEFAULT-VALUE}.")
  private String schedule;

  @Option(
      names = "--microbatches",
      paramLabel = "M",
      description = "Microbatches of a step. Default: one for each recorded row.")
  private @Nullable Integer microbatches;

  /** Runs the command line and exits. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Parity());
  }

  /** Exits with {@link CommandLine.ExitCode#SOFTWARE} if any folder failed. */
  @Override
  public Integer call() throws JsonProcessingException {
    int exitCode = CommandLine.ExitCode.OK;
    for (Path folder : folders) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("folder", folder.toString());
      if (adapter != null) {
        line.put("adapter", adapter.toString());
      }
      try {
        line.putAll(compare(folder));
      } catch (IOException | RuntimeException e) {
        line.put("error", message(e));
        exitCode = CommandLine.ExitCode.SOFTWARE;
      }
      command.commandLine().getOut().println(new ObjectMapper().writeValueAsString(line));
      command.commandLine().getOut().flush();
    }
    return exitCode;
  }

  private static String message(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "There is no " + e.getMessage() + ". docs/export_reference.py records references.";
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private Map<String, Object> compare(Path folder) throws IOException {
    Path recorded = adapter == null ? folder : adapter;
    int count = microbatches == null ? recordedRows(recorded) : microbatches;
    ParityReport report =
        new ParityCheck(folder, adapter, ppSize, ScheduleConfig.named(schedule), count).run();
    return numbers(report, count);
  }

  /** Where nothing is recorded, the check itself tells what is wrong with the folder. */
  private static int recordedRows(Path folder) throws IOException {
    try {
      return ParityCheck.recordedRows(folder);
    } catch (NoSuchFileException e) {
      return 1;
    }
  }

  private Map<String, Object> numbers(ParityReport report, int count) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("pp_size", ppSize);
    line.put("schedule", Schedules.named(schedule).name());
    line.put("microbatches", count);
    line.put("logits", report.logits());
    line.put("loss", report.loss());
    line.put("gradient", report.gradient());
    line.put("worst_parameter", report.worstParameter());
    boolean trained = !report.losses().isEmpty();
    line.put("curve", trained ? report.curve() : null);
    line.put("grad_norms", trained ? report.gradNorms() : null);
    line.put("saved", Double.isNaN(report.saved()) ? null : report.saved());
    if (!report.warnings().isEmpty()) {
      line.put("warnings", report.warnings());
    }
    return line;
  }
}
