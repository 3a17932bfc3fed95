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
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
  private static final int ROWS = 32;
  private static final int MICROBATCHES = 4;
  private static final int STEPS = 100;
  private static final double LEARNING_RATE = 1e-2;
  private static final long SUM = 2;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "TorchScript files, one a stage, of which the first takes [rows, 4] float32. None: two stages written in Java.")
  private List<String> files = List.of();

  @Option(
      names = "--save",
      paramLabel = "FOLDER",
      description = "Writes the trained TorchScript stages there, as stage0.pt and so on.")
  private @Nullable Path saved;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of what TorchScript stages draw at random.")
  private long seed;

  /** Trains, prints the loss every 20 steps, and exits. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new CustomStages())
            .setExecutionExceptionHandler(
                (e, failed, parsed) -> {
                  Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
                  failed.getErr().println(cause.getMessage());
                  return CommandLine.ExitCode.SOFTWARE;
                })
            .execute(args));
  }

  @Override
  public Integer call() throws Exception {
    StagedModel model =
        files.isEmpty()
            ? StagedModel.of(2, stage -> new LinearStage("stages." + stage, 4, 4))
            : StagedModel.ofTorchScript(files, seed);
    LocalRanks.run(model.numStages(), transport -> train(model, transport));
    return CommandLine.ExitCode.OK;
  }

  private void train(StagedModel model, Transport transport) {
    PipelineOptions options = PipelineOptions.of("1f1b", MICROBATCHES);
    try (PointerScope scope = new PointerScope();
        Pipeline pipeline =
            Pipeline.build(
                model,
                (output, target) -> torch.mse_loss(output, target, SUM),
                options,
                transport);
        Optimizer optimizer =
            Optimizer.of(OptimizerConfig.adamW(LEARNING_RATE), pipeline.parameters())) {
      // Every rank makes the same rows; the pipeline uses them where the first and last stage are.
      Tensor inputs =
          torch.arange(new Scalar(ROWS * 4)).view(ROWS, 4).to(torch.ScalarType.Float).sin();
      Tensor targets = inputs.abs();
      for (int step = 1; step <= STEPS; step++) {
        StepResult result = pipeline.step(inputs, targets);
        pipeline.scaleGradsByDivisor(ROWS);
        pipeline.clipGradNorm(1.0, 2.0);
        optimizer.step(LEARNING_RATE, 0.0);
        pipeline.zeroGrad();
        if (step == 1 || step % 20 == 0) {
          print(pipeline, "step %3d".formatted(step), result);
        }
      }
      print(pipeline, "evaluated", pipeline.eval(inputs, targets));
      if (saved != null) {
        save(pipeline, saved);
      }
    }
  }

  private static void print(Pipeline pipeline, String when, StepResult result) {
    if (pipeline.hasLastStage()) {
      double loss = Arrays.stream(result.losses()).sum() / ROWS;
      System.out.printf(Locale.ROOT, "%s  loss %.4f%n", when, loss);
    }
  }

  private void save(Pipeline pipeline, Path folder) {
    try {
      Files.createDirectories(folder);
      for (Map.Entry<Integer, StageModule> stage : pipeline.stages().entrySet()) {
        if (stage.getValue() instanceof TorchScriptStage script) {
          script.save(folder.resolve("stage%d.pt".formatted(stage.getKey())));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
