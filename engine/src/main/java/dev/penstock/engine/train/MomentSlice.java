package dev.penstock.engine.train;

import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.ParameterRange;
import dev.penstock.engine.optim.OptimizerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What a rank's optimizer keeps for neighbouring elements of one parameter: for all of them, or,
 * where replicas share the moments, for this replica's. The tensors are views: writing to them
 * restores the optimizer.
 *
 * @param parameter Hugging Face name
 * @param begin first element within the parameter
 * @param moments flat, by torch's names, e.g. {@code exp_avg}
 */
record MomentSlice(String parameter, long begin, Map<String, Tensor> moments) {
  public MomentSlice {
    moments = Map.copyOf(moments);
  }

  /** Cuts the optimizer's vectors at the bounds of parameters. In the caller's PointerScope. */
  static List<MomentSlice> of(ParameterArena arena, List<OptimizerState> states) {
    List<MomentSlice> slices = new ArrayList<>();
    for (OptimizerState state : states) {
      long at = state.parameter().value().storage_offset();
      ParameterRange kept = new ParameterRange(at, at + state.parameter().numel());
      for (Parameter parameter : arena.parameters()) {
        if (!parameter.trainable()) {
          continue;
        }
        ParameterRange own = arena.range(parameter.name());
        ParameterRange common = kept.intersection(own);
        if (common.size() > 0) {
          Map<String, Tensor> moments = new HashMap<>();
          state
              .moments()
              .forEach(
                  (name, moment) ->
                      moments.put(name, moment.narrow(0, common.begin() - at, common.size())));
          slices.add(new MomentSlice(parameter.name(), common.begin() - own.begin(), moments));
        }
      }
    }
    return slices;
  }
}
