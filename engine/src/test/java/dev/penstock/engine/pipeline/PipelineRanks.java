package dev.penstock.engine.pipeline;

import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.model.LossFunction;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.runtime.ActionObserver;
import dev.penstock.engine.torch.HostTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Pipelines of the reference cases' blocks whose ranks are threads. */
record PipelineRanks(int ppSize, int numStages, PipelineOptions options, LossFunction loss) {
  /** Mean squared error, summed over elements. */
  static final LossFunction SUM = (output, target) -> torch.mse_loss(output, target, 2 /* sum */);

  /** Mean squared error, averaged over elements. */
  static final LossFunction MEAN = (output, target) -> torch.mse_loss(output, target, 1 /* mean */);

  /** What a rank does with its pipeline. */
  interface Body<T> {
    T run(Pipeline pipeline) throws Exception;
  }

  <T> List<T> run(Body<T> body) {
    return run(body, (action, begin, end) -> {});
  }

  <T> List<T> run(Body<T> body, ActionObserver observer) {
    String runId = UUID.randomUUID().toString();
    return Ranks.run(
        ppSize,
        rank -> LoopbackTransport.join(runId, rank, ppSize, Duration.ofSeconds(20)),
        transport -> {
          StagedModel model = StagedModel.of(numStages, TanhBlock::new);
          try (Pipeline pipeline = Pipeline.build(model, loss, options, transport, observer)) {
            return body.run(pipeline);
          }
        });
  }

  static Tensor inputs(int rows) {
    double[] values = new double[rows * TanhBlock.WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.cos(0.3 * (i / TanhBlock.WIDTH) + 0.7 * (i % TanhBlock.WIDTH));
    }
    return tensor(values, rows);
  }

  static Tensor targets(int rows) {
    double[] values = new double[rows * TanhBlock.WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sin(0.2 * (i / TanhBlock.WIDTH) + 0.5 * (i % TanhBlock.WIDTH));
    }
    return tensor(values, rows);
  }

  private static Tensor tensor(double[] values, int rows) {
    try (TensorOptions options = HostTensors.options(ScalarType.Double, "cpu")) {
      return HostTensors.ofDoubles(values, options, rows, TanhBlock.WIDTH);
    }
  }

  static Map<String, double[]> gradients(Pipeline pipeline) {
    Map<String, double[]> gradients = new HashMap<>();
    for (Parameter parameter : pipeline.parameters()) {
      gradients.put(parameter.name(), HostTensors.toDoubles(parameter.grad()));
    }
    return gradients;
  }

  static <T> Map<String, T> merged(List<Map<String, T>> maps) {
    Map<String, T> all = new HashMap<>();
    new ArrayList<>(maps).forEach(all::putAll);
    return all;
  }
}
