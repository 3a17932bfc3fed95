package dev.penstock.examples;

import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.optim.Optimizer;
import dev.penstock.engine.pipeline.Pipeline;
import dev.penstock.engine.pipeline.PipelineOptions;
import dev.penstock.engine.pipeline.StagedModel;
import dev.penstock.engine.pipeline.StepResult;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains stages written in Java through a pipeline of two ranks: {@code bin/run-example
 * CustomStages}.
 *
 * <p>With arguments they are TorchScript files, one a stage, that take and return [rows, 4]
 * float32: {@code bin/run-example CustomStages stage0.pt stage1.pt}.
 */
public final class CustomStages {
  private static final int ROWS = 32;
  private static final int MICROBATCHES = 4;
  private static final int STEPS = 100;
  private static final long SUM = 2;

  private CustomStages() {}

  /** Trains and prints the loss every 20 steps. */
  public static void main(String[] files) throws Exception {
    StagedModel model =
        files.length > 0
            ? StagedModel.ofTorchScript(Arrays.asList(files))
            : StagedModel.of(2, stage -> new LinearStage("stages." + stage, 4, 4));
    LocalRanks.run(model.numStages(), transport -> train(model, transport));
  }

  private static void train(StagedModel model, Transport transport) {
    PipelineOptions options = PipelineOptions.of("1f1b", MICROBATCHES);
    try (PointerScope scope = new PointerScope();
        Pipeline pipeline =
            Pipeline.build(
                model,
                (output, target) -> torch.mse_loss(output, target, SUM),
                options,
                transport);
        Optimizer optimizer = Optimizer.of(OptimizerConfig.adamW(1e-2), pipeline.parameters())) {
      // Every rank makes the same rows; the pipeline uses them where the first and last stage are.
      Tensor inputs =
          torch.arange(new Scalar(ROWS * 4)).view(ROWS, 4).to(torch.ScalarType.Float).sin();
      Tensor targets = inputs.abs();
      for (int step = 1; step <= STEPS; step++) {
        StepResult result = pipeline.step(inputs, targets);
        pipeline.scaleGradsByDivisor(ROWS);
        pipeline.clipGradNorm(1.0, 2.0);
        optimizer.step(1e-2, 0.0);
        pipeline.zeroGrad();
        if (pipeline.hasLastStage() && (step == 1 || step % 20 == 0)) {
          double loss = Arrays.stream(result.losses()).sum() / ROWS;
          System.out.printf(Locale.ROOT, "step %3d  loss %.4f%n", step, loss);
        }
      }
    }
  }
}
