package dev.penstock.engine.plan;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.model.ActivationSizes;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LayerPart;
import dev.penstock.engine.schedule.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** The activations of a rank, from the sizes of its stages and the order of its schedule. */
final class ActivationEstimate {
  /**
   * Bytes that one microbatch takes on one stage.
   *
   * @param kept from F to I or B
   * @param waiting from I to W
   * @param forward more than {@code kept} while F runs
   * @param whole more than {@code kept} while B runs
   * @param inputs more than {@code kept} while I runs
   */
  private record StageBytes(long kept, long waiting, long forward, long whole, long inputs) {}

  /**
   * Percent that blocks of many sizes take of the allocator's memory beside themselves; measured,
   * see bench.
   */
  private static final int LOST_PERCENT = 10;

  private final TrainingPlan plan;
  private final ActivationSizes sizes;
  private final int recomputedLayers;
  private final long tokens;
  private final int seqLength;

  /**
   * Prepares an estimate.
   *
   * @param recompute which layers run again, not necessarily those of the plan
   * @param onGpu whether attention too computes in the run's precision
   */
  ActivationEstimate(TrainingPlan plan, Recompute recompute, boolean onGpu) {
    this.plan = plan;
    int bytes = plan.config().compute().precision().bytes();
    sizes =
        new ActivationSizes(plan.spec(), plan.lora(), bytes, onGpu ? bytes : Float.BYTES, !onGpu);
    recomputedLayers = recompute.layersPerStage();
    BatchConfig batch = plan.config().batch();
    seqLength = batch.seqLength();
    tokens = (long) batch.microbatchSize() * seqLength;
  }

  /** At the rank's fullest moment. */
  long bytes(int ppRank) {
    Map<Integer, StageBytes> stages = new HashMap<>();
    plan.modulesOf(ppRank).forEach((stage, modules) -> stages.put(stage, stage(stage, modules)));
    long live = 0;
    long peak = 0;
    for (Action action : plan.schedule().ranks().get(ppRank)) {
      for (Action leaf : action.leaves()) {
        StageBytes stage = stages.get(leaf.stage());
        switch (leaf.type()) {
          case F -> {
            live += stage.kept;
            peak = Math.max(peak, live + stage.forward);
          }
          case B -> {
            peak = Math.max(peak, live + stage.whole);
            live -= stage.kept;
          }
          case I -> {
            peak = Math.max(peak, live + stage.inputs);
            live += stage.waiting - stage.kept;
          }
          case W -> live -= stage.waiting;
          default -> {}
        }
      }
    }
    return peak * (100 + LOST_PERCENT) / 100;
  }

  /** Logits of the rank's head; 0 if it has none. */
  long logitBytes(int ppRank) {
    boolean head =
        plan.modulesOf(ppRank).values().stream()
            .anyMatch(modules -> modules.contains(DecoderTensors.HEAD));
    return head ? sizes.logits(tokens) : 0;
  }

  private StageBytes stage(int number, List<String> modules) {
    long kept = number == 0 ? 0 : sizes.input();
    int layers = 0;
    List<String> kepts = new ArrayList<>();
    List<String> again = new ArrayList<>();
    for (String module : modules) {
      boolean recomputed = LayerPart.of(module) != null && layers++ < recomputedLayers;
      kept += recomputed ? sizes.input() : sizes.kept(module, seqLength);
      (recomputed ? again : kepts).add(module);
    }
    long temporary =
        modules.stream().mapToLong(module -> sizes.temporary(module, seqLength)).max().orElse(0);
    return new StageBytes(
        bytes(kept),
        bytes(sum(modules, sizes::waiting)),
        bytes(temporary),
        bytes(backward(kepts, again, false) + temporary),
        bytes(backward(kepts, again, true) + temporary));
  }

  /** What a backward pass holds at its end, or while it runs a layer again. */
  private long backward(List<String> kept, List<String> again, boolean split) {
    return Math.max(
        sum(kept, module -> sizes.passing(module, seqLength, split)),
        again.stream()
            .mapToLong(
                module -> sizes.kept(module, seqLength) + sizes.passing(module, seqLength, split))
            .max()
            .orElse(0));
  }

  private long bytes(long bytesOfToken) {
    return bytesOfToken * tokens;
  }

  private static long sum(List<String> modules, ToLongFunction<String> size) {
    return modules.stream().mapToLong(size).sum();
  }
}
