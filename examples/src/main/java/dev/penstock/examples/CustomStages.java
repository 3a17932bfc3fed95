package dev.penstock.examples;

import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.optim.Optimizer;
import dev.penstock.engine.pipeline.Pipeline;
import dev.penstock.engine.pipeline.PipelineOptions;
import dev.penstock.engine.pipeline.StagedModel;
import dev.penstock.engine.pipeline.StepResult;
import dev.penstock.engine.pipeline.TorchScriptStage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Trains stages written in Java through a pipeline of two ranks: {@code bin/run-example
 * CustomStages}.
 *
 * <p>With arguments they are TorchScript files, one a stage: {@code bin/run-example CustomStages
 * stage0.pt stage1.pt}.
 */
@Command(
    name = "CustomStages",
    mixinStandardHelpOptions = true,
    description = "Trains stages of your own through a pipeline, one rank a stage.")
public final class CustomStages implements Callable<Integer> {
  private static final int MICROBATCHES = 4;
  private static final double LEARNING_RATE = 1e-2;

  @Spec private CommandSpec command;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "TorchScript files, one a stage. None: two stages written in Java.")
  private List<String> files = List.of();

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "A safetensors file with inputs and targets; targets of int64 are classes. Default: 32 rows of 4 float32 numbers.")
  private @Nullable Path data;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "100",
      description = "Optimizer steps. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--save",
      paramLabel = "FOLDER",
      description = "Writes the trained TorchScript stages there, as stage0.pt and so on.")
  private @Nullable Path saved;

  /** Trains, prints the loss every 20 steps, and exits. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new CustomStages())
        .setExecutionExceptionHandler(
            (e, failed, parsed) -> {
              Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
              failed.getErr().println(cause.getMessage());
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  @Override
  public Integer call() throws Exception {
    StagedModel model =
        files.isEmpty()
            ? StagedModel.of(2, stage -> new LinearStage("stages." + stage, 4, 4))
            : StagedModel.ofTorchScript(files);
    LocalRanks.run(model.numStages(), transport -> train(model, transport));
    return CommandLine.ExitCode.OK;
  }

  private void train(StagedModel model, Transport transport) {
    PipelineOptions options = PipelineOptions.of("1f1b", MICROBATCHES);
    try (PointerScope scope = new PointerScope();
        Pipeline pipeline = Pipeline.build(model, StageRows::loss, options, transport);
        Optimizer optimizer =
            Optimizer.of(OptimizerConfig.adamW(LEARNING_RATE), pipeline.parameters())) {
      // Every rank makes the same rows; the pipeline uses them where the first and last stage are.
      StageRows rows = StageRows.of(data);
      for (int step = 1; step <= steps; step++) {
        StepResult result = pipeline.step(rows.inputs(), rows.targets());
        pipeline.scaleGradsByDivisor(rows.count());
        pipeline.clipGradNorm(1.0, 2.0);
        optimizer.step(LEARNING_RATE, 0.0);
        pipeline.zeroGrad();
        if (step == 1 || step % 20 == 0) {
          print(pipeline, String.format(Locale.ROOT, "step %3d", step), result, rows);
        }
      }
      print(pipeline, "evaluated", pipeline.eval(rows.inputs(), rows.targets()), rows);
      if (saved != null) {
        save(pipeline, saved);
      }
    }
  }

  private void print(Pipeline pipeline, String when, StepResult result, StageRows rows) {
    if (pipeline.hasLastStage()) {
      double loss = Arrays.stream(result.losses()).sum() / rows.count();
      PrintWriter out = command.commandLine().getOut();
      out.printf(Locale.ROOT, "%s  loss %.4f%n", when, loss);
      out.flush();
    }
  }

  private void save(Pipeline pipeline, Path folder) {
    try {
      Files.createDirectories(folder);
      for (Map.Entry<Integer, StageModule> stage : pipeline.stages().entrySet()) {
        if (stage.getValue() instanceof TorchScriptStage script) {
          script.save(folder.resolve(String.format(Locale.ROOT, "stage%d.pt", stage.getKey())));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
