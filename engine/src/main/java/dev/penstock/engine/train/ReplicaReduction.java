package dev.penstock.engine.train;

import dev.penstock.engine.comm.PendingReduce;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.runtime.GradientListener;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;

/**
 * Sums a rank's gradients over the replicas of the pipeline, once an optimizer step. A stage's
 * reduction starts when its gradients are complete, while other stages still run backward.
 */
final class ReplicaReduction implements GradientListener {
  /** Gradients that are complete once all of {@code stages} are. */
  private record Part(Set<Integer> stages, List<Tensor> gradients) {}

  private final Transport transport;
  private final List<Integer> replicas;
  private final List<Part> parts;
  private final Set<Integer> complete = new HashSet<>();
  private final Set<Part> started = new HashSet<>();
  private final List<PendingReduce> pending = new ArrayList<>();

  ReplicaReduction(Transport transport, List<Integer> replicas, RankModel model) {
    this.transport = transport;
    this.replicas = List.copyOf(replicas);
    parts = parts(model);
  }

  /** One part a stage, and one for each weight that several of the rank's stages share. */
  private static List<Part> parts(RankModel model) {
    Map<String, Set<Integer>> stagesOf = new LinkedHashMap<>();
    model
        .stages()
        .forEach(
            (stage, module) -> {
              for (Parameter parameter : module.parameters()) {
                stagesOf.computeIfAbsent(parameter.name(), name -> new TreeSet<>()).add(stage);
              }
            });
    ParameterArena arena = model.arena();
    return Set.copyOf(stagesOf.values()).stream()
        .map(
            stages ->
                new Part(
                    stages,
                    arena.ranges(name -> stages.equals(stagesOf.get(name))).stream()
                        .map(range -> arena.vector(range).gradientBuffer())
                        .toList()))
        .sorted((a, b) -> a.stages.toString().compareTo(b.stages.toString()))
        .toList();
  }

  @Override
  public void onComplete(int stage) {
    complete.add(stage);
    parts.stream().filter(part -> complete.containsAll(part.stages)).forEach(this::start);
  }

  @Override
  public void onAction() {
    pending.forEach(PendingReduce::advance);
  }

  private void start(Part part) {
    if (started.add(part)) {
      for (Tensor gradient : part.gradients) {
        pending.add(transport.startAllReduce(gradient, ReduceOp.SUM, replicas));
      }
    }
  }

  /** Reduces what was not started, and waits for all. */
  void finish() {
    parts.forEach(this::start);
    pending.forEach(PendingReduce::await);
    pending.clear();
    started.clear();
    complete.clear();
  }
}
