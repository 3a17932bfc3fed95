package dev.penstock.engine.train;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The memory that the tensors of a rank will take, from shapes and schedule, before anything runs.
 * The JVM and the native libraries come on top, some hundred MiB a process. With adapters it is too
 * high, for layers that are not trained keep less. Pure Java.
 *
 * @param ppRank pipeline rank
 * @param weightBytes weights, and the float32 values of trained ones where they are computed in
 *     less
 * @param gradientBytes gradients of the trained weights
 * @param momentBytes what the optimizer keeps
 * @param activationBytes at the moment of most live microbatches, with what a backward pass needs
 *     beside them
 * @param recomputeSavedBytes how much more the activations would be if no layer ran again
 */
public record MemoryEstimate(
    int ppRank,
    long weightBytes,
    long gradientBytes,
    long momentBytes,
    long activationBytes,
    long recomputeSavedBytes)
    implements Serializable {
  /** Everything together. */
  public long totalBytes() {
    return weightBytes + gradientBytes + momentBytes + activationBytes;
  }

  /** The estimate of each pipeline rank. */
  public static List<MemoryEstimate> of(TrainingPlan plan) {
    return IntStream.range(0, plan.config().parallel().ppSize())
        .mapToObj(ppRank -> of(plan, ppRank))
        .toList();
  }

  private static MemoryEstimate of(TrainingPlan plan, int ppRank) {
    TrainingConfig config = plan.config();
    Map<String, TensorShape> weights = new HashMap<>();
    for (List<String> modules : plan.modulesOf(ppRank).values()) {
      RankModel.shapes(plan.spec(), modules, plan.lora())
          .forEach(shape -> weights.put(shape.name(), shape));
    }
    long all = numel(weights.values());
    long trained =
        plan.lora() == null
            ? all
            : numel(weights.values().stream().filter(s -> LoraSpec.isTrained(s.name())).toList());
    Precision precision = config.compute().precision();
    long values = precision == Precision.FLOAT32 ? 0 : Float.BYTES * trained;
    int shares = config.optimizer().shardState() ? config.parallel().dpSize() : 1;
    long activations = new ActivationEstimate(plan, config.compute().recompute()).bytes(ppRank);
    return new MemoryEstimate(
        ppRank,
        precision.bytes() * all + values,
        Float.BYTES * trained,
        numMoments(config.optimizer()) * Float.BYTES * trained / shares,
        activations,
        new ActivationEstimate(plan, Recompute.NONE).bytes(ppRank) - activations);
  }

  private static long numel(Collection<TensorShape> shapes) {
    return shapes.stream().mapToLong(TensorShape::numel).sum();
  }

  private static long numMoments(OptimizerConfig optimizer) {
    if (optimizer.kind() == OptimizerKind.SGD) {
      return optimizer.momentum() == 0 ? 0 : 1;
    }
    return 2;
  }
}
