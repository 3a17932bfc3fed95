package dev.penstock.engine.runtime;

import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.schedule.StagePlacement;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The shape of every stage's output for a shape of microbatch. Only the rank of a stage knows what
 * its module makes of an input, so the ranks tell each other once for each new shape, stage by
 * stage.
 */
final class StageShapes {
  private static final int MAX_DIMENSIONS = 8;

  private final StagePlacement placement;
  private final List<Integer> pipelineRanks;
  private final Transport transport;
  private final RankNumbers numbers;
  private final RankRuntime.StageTypes types;
  private final IntFunction<StageRunner> localStages;
  private final Map<List<Long>, List<TensorSpec>> outputs = new HashMap<>();

  /**
   * Makes an empty table.
   *
   * @param pipelineRanks transport rank of each pipeline rank
   * @param types of what stages pass to each other
   * @param localStages this rank's runner of a stage
   */
  StageShapes(
      StagePlacement placement,
      List<Integer> pipelineRanks,
      Transport transport,
      RankRuntime.StageTypes types,
      IntFunction<StageRunner> localStages) {
    this.placement = placement;
    this.pipelineRanks = pipelineRanks;
    this.transport = transport;
    numbers = new RankNumbers(transport, pipelineRanks, types.device());
    this.types = types;
    this.localStages = localStages;
  }

  /**
   * What stage {@code stage} emits for a microbatch of this shape.
   *
   * @throws IllegalStateException if {@link #agree} was not called for the shape
   */
  TensorSpec output(int stage, List<Long> microbatchShape) {
    List<TensorSpec> specs = outputs.get(microbatchShape);
    if (specs == null) {
      throw new IllegalStateException("The ranks have not agreed on " + microbatchShape);
    }
    return specs.get(stage);
  }

  /**
   * Makes the shapes of a step's microbatches known on every rank; collective over the pipeline.
   */
  void agree(StepData data) {
    for (int microbatch = 0; microbatch < data.shapes().size(); microbatch++) {
      List<Long> shape = data.shapes().get(microbatch);
      if (!outputs.containsKey(shape)) {
        outputs.put(shape, found(data, microbatch));
      }
    }
  }

  private List<TensorSpec> found(StepData data, int microbatch) {
    List<TensorSpec> specs = new ArrayList<>();
    long[] shape = data.shapes().get(microbatch).stream().mapToLong(Long::longValue).toArray();
    for (int stage = 0; stage < placement.numStages(); stage++) {
      int owner = pipelineRanks.get(placement.rankOf(stage));
      long[] output = null;
      if (owner == transport.rank()) {
        try (PointerScope scope = new PointerScope()) {
          Tensor example = stage == 0 ? data.inputs().get(microbatch) : zeros(shape);
          output = localStages.apply(stage).module().outputShape(example);
        }
      }
      shape = share(owner, output);
      specs.add(TensorSpec.of(types.activation(), shape));
    }
    return List.copyOf(specs);
  }

  /** One zero, seen everywhere: most modules look at its shape alone. */
  private Tensor zeros(long[] shape) {
    try (TensorOptions options = HostTensors.options(types.activation(), types.device())) {
      return torch.zeros(new long[] {1}, options).expand(shape);
    }
  }

  private long[] share(int owner, long @Nullable [] shape) {
    double[] message = new double[1 + MAX_DIMENSIONS];
    if (shape != null) {
      message[0] = shape.length;
      for (int i = 0; i < shape.length; i++) {
        message[1 + i] = shape[i];
      }
    }
    double[] received = numbers.of(owner, message);
    long[] result = new long[(int) received[0]];
    for (int i = 0; i < result.length; i++) {
      result[i] = (long) received[1 + i];
    }
    return result;
  }
}
