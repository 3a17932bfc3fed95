package dev.penstock.engine.plan;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import java.io.Serializable;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the tensors of a rank will take, from shapes and schedule, before anything runs.
 * The JVM and the native libraries come on top, some hundred MiB a process. Pure Java.
 *
 * @param ppRank pipeline rank
 * @param weightBytes weights, the float32 values of trained ones where they are computed in less,
 *     and those of the best validation where they are kept
 * @param gradientBytes gradients of the trained weights
 * @param momentBytes what the optimizer keeps
 * @param activationBytes at the moment of most live microbatches, with what a backward pass needs
 *     beside them
 * @param logitBytes of the slice of tokens whose loss is computed at a time
 * @param checkpointBytes the copy of its state that a rank writes while it goes on, in the host's
 *     memory
 * @param recomputeSavedBytes how much more the activations would be if no layer ran again
 */
public record MemoryEstimate(
    int ppRank,
    long weightBytes,
    long gradientBytes,
    long momentBytes,
    long activationBytes,
    long logitBytes,
    long checkpointBytes,
    long recomputeSavedBytes)
    implements Serializable {
  /**
   * What a JVM with Spark and the native libraries takes beside tensors, measured; the heap may
   * grow to what it is allowed.
   */
  public static final long PROCESS_BYTES = 700_000_000L;

  /** Everything together. */
  public long totalBytes() {
    return deviceBytes() + checkpointBytes;
  }

  /** What is on the device: everything but the copy that a checkpoint is written from. */
  public long deviceBytes() {
    return weightBytes + gradientBytes + momentBytes + passBytes();
  }

  /** What the passes of the microbatches need: activations and logits. */
  public long passBytes() {
    return activationBytes + logitBytes;
  }

  /** The estimate of each pipeline rank of a run on CPUs without validation and checkpoints. */
  public static List<MemoryEstimate> of(TrainingPlan plan) {
    return of(plan, null, false, false);
  }

  /**
   * The estimate of each pipeline rank.
   *
   * @param validation null: the run is not validated
   * @param checkpoints whether it makes any
   * @param onGpu what ranks compute on
   */
  public static List<MemoryEstimate> of(
      TrainingPlan plan,
      @Nullable ValidationConfig validation,
      boolean checkpoints,
      boolean onGpu) {
    boolean keepsBest = validation != null && validation.restoreBest();
    return IntStream.range(0, plan.config().parallel().ppSize())
        .mapToObj(ppRank -> of(plan, ppRank, keepsBest, checkpoints, onGpu))
        .toList();
  }

  private static MemoryEstimate of(
      TrainingPlan plan, int ppRank, boolean keepsBest, boolean checkpoints, boolean onGpu) {
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
    ActivationEstimate estimate = new ActivationEstimate(plan, config.compute().recompute(), onGpu);
    long activations = estimate.bytes(ppRank);
    long best = keepsBest ? Float.BYTES * trained : 0;
    long moments = numMoments(config.optimizer()) * Float.BYTES * trained;
    // Each replica writes its part of what all of them have.
    long written = (Float.BYTES * trained + best + moments) / config.parallel().dpSize();
    return new MemoryEstimate(
        ppRank,
        precision.bytes() * all + values + best,
        Float.BYTES * trained,
        moments / shares,
        activations,
        estimate.logitBytes(ppRank),
        checkpoints ? written : 0,
        new ActivationEstimate(plan, Recompute.NONE, onGpu).bytes(ppRank) - activations);
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
