package dev.penstock.engine.split;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Cuts a model where its ranks come out most evenly loaded, which is where the split strategy
 * {@code cost} begins.
 *
 * <p>Stages are contiguous runs of modules, none empty. What counts is the cost of the slowest
 * rank, over all of its stages; of cuts alike in that, the one whose largest stage is least. With
 * one stage a rank the result is optimal; with several it is so wherever the search space is small
 * enough to be searched (see {@link CutSearch}), and otherwise the best found from several starts.
 */
public final class CostCut {
  private CostCut() {}

  /** Cuts for one of the regular placements. */
  public static StageCut cut(
      List<ModuleCost> modules, int ppSize, int numStages, PlacementStyle style) {
    if (numStages < 1 || numStages % ppSize != 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT, "Total stages %d must be divisible by PP size %d", numStages, ppSize));
    }
    return cut(
        modules,
        IntStream.range(0, numStages).mapToObj(stage -> style.rankOf(stage, ppSize)).toList());
  }

  /**
   * Cuts for any placement.
   *
   * @param modules in the order in which the model runs them
   * @param stageToRank the rank of each stage
   */
  public static StageCut cut(List<ModuleCost> modules, List<Integer> stageToRank) {
    int numStages = stageToRank.size();
    if (numStages < 1) {
      throw new ConfigException("Number of stages must be at least 1");
    }
    if (numStages > modules.size()) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "Number of stages (%d) cannot exceed number of modules (%d)",
              numStages,
              modules.size()));
    }
    CutProblem problem =
        new CutProblem(
            modules.stream().mapToDouble(ModuleCost::flops).toArray(),
            stageToRank.stream().mapToInt(Integer::intValue).toArray());
    int[] best = StageBalance.cut(problem);
    if (stageToRank.stream().distinct().count() < numStages) {
      CutImprovement improvement = new CutImprovement(problem);
      best = improvement.improve(best);
      int[] other = improvement.improve(evenly(problem));
      if (problem.better(problem.score(other), problem.score(best))) {
        best = other;
      }
      best = new CutSearch(problem, best).run();
    }
    return describe(modules, problem, best, stageToRank);
  }

  private static int[] evenly(CutProblem problem) {
    return IntStream.rangeClosed(0, problem.numStages())
        .map(stage -> (int) ((long) stage * problem.numModules() / problem.numStages()))
        .toArray();
  }

  private static StageCut describe(
      List<ModuleCost> modules, CutProblem problem, int[] cut, List<Integer> stageToRank) {
    List<List<String>> names = new ArrayList<>();
    List<Double> costs = new ArrayList<>();
    List<Long> parameters = new ArrayList<>();
    for (int stage = 0; stage < problem.numStages(); stage++) {
      List<ModuleCost> ofStage = modules.subList(cut[stage], cut[stage + 1]);
      names.add(ofStage.stream().map(ModuleCost::name).toList());
      costs.add(ofStage.stream().mapToDouble(ModuleCost::flops).sum());
      parameters.add(ofStage.stream().mapToLong(ModuleCost::parameters).sum());
    }
    return new StageCut(names, costs, parameters, stageToRank);
  }
}
