package dev.penstock.engine.train;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.model.ActivationSizes;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.schedule.Action;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The activations of a rank, from the sizes of its stages and the order of its schedule. */
final class ActivationEstimate {
  private final TrainingPlan plan;
  private final ActivationSizes sizes;
  private final int recomputedLayers;
  private final long tokens;
  private final int seqLength;
  private final int bytesPerNumber;

  /**
   * Prepares an estimate.
   *
   * @param recompute which layers run again, not necessarily those of the plan
   */
  ActivationEstimate(TrainingPlan plan, Recompute recompute) {
    this.plan = plan;
    sizes = new ActivationSizes(plan.spec());
    recomputedLayers = recompute.layersPerStage();
    BatchConfig batch = plan.config().batch();
    seqLength = batch.seqLength();
    tokens = (long) batch.microbatchSize() * seqLength;
    bytesPerNumber = plan.config().compute().precision().bytes();
  }

  /** At the rank's fullest moment. */
  long bytes(int ppRank) {
    Map<Integer, Long> ofStage = new HashMap<>();
    long passing = 0;
    for (Map.Entry<Integer, List<String>> stage : plan.modulesOf(ppRank).entrySet()) {
      ofStage.put(stage.getKey(), kept(stage.getValue()));
      passing = Math.max(passing, passing(stage.getValue()));
    }
    long live = 0;
    long peak = 0;
    for (Action action : plan.schedule().ranks().get(ppRank)) {
      for (Action leaf : action.leaves()) {
        switch (leaf.type()) {
          case F -> live += ofStage.get(leaf.stage());
          case B, W -> live -= ofStage.get(leaf.stage());
          default -> {}
        }
        peak = Math.max(peak, live);
      }
    }
    // A layer that runs again keeps its activations while their gradients are made.
    int times = recomputedLayers > 0 ? 2 : 1;
    return (peak * tokens + times * passing) * bytesPerNumber;
  }

  /** Numbers of one token that a stage keeps. */
  private long kept(List<String> modules) {
    long kept = 0;
    int layers = 0;
    for (String module : modules) {
      boolean recomputed = DecoderTensors.layerNumber(module) >= 0 && layers++ < recomputedLayers;
      kept += recomputed ? sizes.perTokenRecomputed() : sizes.perToken(module, seqLength);
    }
    return kept;
  }

  /** What one module at a time takes while it runs. */
  private long passing(List<String> modules) {
    return modules.stream()
        .mapToLong(module -> sizes.passing(module, seqLength, tokens))
        .max()
        .orElse(0);
  }
}
