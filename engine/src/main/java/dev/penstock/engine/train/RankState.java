package dev.penstock.engine.train;

import dev.penstock.engine.checkpoint.StateSlice;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.ParameterRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The state of a rank as slices of global tensors. Slices are views in the caller's PointerScope.
 *
 * @param share the part of the parameters that this rank, among its replicas, writes
 */
record RankState(
    ParameterArena arena,
    OptimizerStep optimizer,
    @Nullable Validation validation,
    ParameterRange share) {
  /** What this rank contributes to a checkpoint: all ranks together every element once. */
  List<StateSlice> own() {
    Set<String> owned = optimizer.owned().stream().map(Parameter::name).collect(Collectors.toSet());
    List<StateSlice> slices = new ArrayList<>();
    addWeights(slices, StateSlice.WEIGHT, arena.values(), owned, share);
    Tensor best = validation == null ? null : validation.bestWeights();
    if (best != null) {
      addWeights(slices, StateSlice.BEST_WEIGHT, best, owned, share);
    }
    addMoments(slices, owned, share);
    return slices;
  }

  /** What this rank needs of a checkpoint: writing to it restores the rank. */
  List<StateSlice> needed() {
    Set<String> all = trained();
    List<StateSlice> slices = new ArrayList<>();
    addWeights(slices, StateSlice.WEIGHT, arena.values(), all, arena.whole());
    addMoments(slices, all, arena.whole());
    return slices;
  }

  /** The weights of the best validation, to be restored into {@code best}. */
  List<StateSlice> neededBest(Tensor best) {
    List<StateSlice> slices = new ArrayList<>();
    addWeights(slices, StateSlice.BEST_WEIGHT, best, trained(), arena.whole());
    return slices;
  }

  private Set<String> trained() {
    return new HashSet<>(
        arena.parameters().stream().filter(Parameter::trainable).map(Parameter::name).toList());
  }

  private void addWeights(
      List<StateSlice> slices, String kind, Tensor flat, Set<String> names, ParameterRange within) {
    for (Parameter parameter : arena.parameters()) {
      if (parameter.trainable() && names.contains(parameter.name())) {
        ParameterRange own = arena.range(parameter.name());
        ParameterRange part = own.intersection(within);
        if (part.size() > 0) {
          slices.addAll(
              StateSlice.ofRange(
                  kind,
                  parameter.name(),
                  arena.shape(parameter.name()).shape(),
                  part.begin() - own.begin(),
                  flat.narrow(0, part.begin(), part.size())));
        }
      }
    }
  }

  private void addMoments(List<StateSlice> slices, Set<String> names, ParameterRange within) {
    for (MomentSlice moment : optimizer.moments()) {
      if (!names.contains(moment.parameter())) {
        continue;
      }
      long origin = arena.range(moment.parameter()).begin();
      long begin = origin + moment.begin();
      for (Map.Entry<String, Tensor> entry : moment.moments().entrySet()) {
        ParameterRange kept = new ParameterRange(begin, begin + entry.getValue().numel());
        ParameterRange part = kept.intersection(within);
        if (part.size() > 0) {
          slices.addAll(
              StateSlice.ofRange(
                  entry.getKey(),
                  moment.parameter(),
                  arena.shape(moment.parameter()).shape(),
                  part.begin() - origin,
                  entry.getValue().narrow(0, part.begin() - begin, part.size())));
        }
      }
    }
  }
}
