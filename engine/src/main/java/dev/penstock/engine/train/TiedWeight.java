package dev.penstock.engine.train;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.plan.TrainingPlan;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * A trained weight that two pipeline ranks hold: the embedding that is also the head. Their
 * gradients are summed, so both copies make the same update and stay equal; the first rank counts
 * it in the norm and saves it.
 *
 * @param parameter this rank's copy
 * @param ranks the two transport ranks, ascending
 * @param counted whether this rank is the one that counts and saves it
 */
record TiedWeight(Parameter parameter, List<Integer> ranks, boolean counted) {
  /** The tied weights that a rank holds, in the same order on both. */
  static List<TiedWeight> of(TrainingPlan plan, ProcessGrid grid, int rank, ParameterArena arena) {
    List<Integer> pipeline = grid.pipelineOf(rank);
    int first = pipeline.get(plan.firstStageRank());
    int last = pipeline.get(plan.lastStageRank());
    boolean holder = rank == first || rank == last;
    if (!plan.spec().tiedEmbeddings() || first == last || !holder) {
      return List.of();
    }
    List<Integer> ranks = IntStream.of(first, last).sorted().boxed().toList();
    Set<String> ofOther = names(plan, rank == first ? plan.lastStageRank() : plan.firstStageRank());
    return arena.parameters().stream()
        .filter(parameter -> parameter.trainable() && ofOther.contains(parameter.name()))
        .sorted(Comparator.comparing(Parameter::name))
        .map(parameter -> new TiedWeight(parameter, ranks, rank == first))
        .toList();
  }

  private static Set<String> names(TrainingPlan plan, int ppRank) {
    return plan.modulesOf(ppRank).values().stream()
        .flatMap(modules -> RankModel.shapes(plan.spec(), modules, plan.lora()).stream())
        .map(TensorShape::name)
        .collect(Collectors.toSet());
  }

  /** Whether this rank counts and saves the parameter of a name, as far as this says. */
  boolean isCounted(String name) {
    return counted || !parameter.name().equals(name);
  }

  void sumGradients(Transport transport) {
    Tensor gradient = parameter.gradientBuffer();
    if (gradient != null) {
      transport.allReduce(gradient, ReduceOp.SUM, ranks);
    }
  }
}
