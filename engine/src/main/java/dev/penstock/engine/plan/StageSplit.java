package dev.penstock.engine.plan;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.schedule.StagePlacement;
import dev.penstock.engine.split.CostCut;
import dev.penstock.engine.split.ModuleCost;
import dev.penstock.engine.split.ModuleNaming;
import dev.penstock.engine.split.PipelineSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Decides which modules each stage owns: listed by the user, cut by cost, or evenly by layers. */
final class StageSplit {
  private StageSplit() {}

  /**
   * The module names of each stage.
   *
   * @param costs every module in the order of the forward pass
   */
  static List<List<String>> of(
      DecoderSpec spec, ScheduleConfig config, StagePlacement placement, List<ModuleCost> costs) {
    int numStages = placement.numStages();
    if (!config.moduleNamesPerStage().isEmpty()) {
      return explicit(spec, config.moduleNamesPerStage(), numStages);
    }
    if (numStages > spec.numLayers()) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "Number of stages (%d) cannot exceed number of layers (%d). Use a smaller ppSize or a schedule with fewer stages a rank.",
              numStages,
              spec.numLayers()));
    }
    if (config.splitStrategy().equals("cost")) {
      return CostCut.cut(costs, placement.stageToRank()).moduleNamesPerStage();
    }
    ModuleNaming naming =
        new ModuleNaming(true, true, false, false, List.of(), "model.", "lm_head");
    return PipelineSplit.generateModuleNamesPerStage(numStages, spec.numLayers(), naming);
  }

  /**
   * Checks a user's lists: every module once, none unknown, in the order of the forward pass.
   * {@code model.rotary_emb} may be listed anywhere: it has no weights.
   */
  private static List<List<String>> explicit(
      DecoderSpec spec, List<List<String>> lists, int numStages) {
    if (lists.size() != numStages) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "moduleNamesPerStage lists %d stages, but the schedule has %d.",
              lists.size(),
              numStages));
    }
    List<List<String>> stages =
        lists.stream()
            .map(names -> names.stream().filter(n -> !n.equals("model.rotary_emb")).toList())
            .toList();
    List<String> expected = new DecoderTensors(spec).modules();
    List<String> listed = stages.stream().flatMap(List::stream).toList();
    List<String> problems = new ArrayList<>();
    expected.stream()
        .filter(name -> !listed.contains(name))
        .forEach(name -> problems.add("missing: " + name));
    listed.stream()
        .filter(name -> !expected.contains(name))
        .distinct()
        .forEach(name -> problems.add("unknown: " + name));
    listed.stream()
        .filter(name -> listed.indexOf(name) != listed.lastIndexOf(name))
        .distinct()
        .forEach(name -> problems.add("listed twice: " + name));
    if (problems.isEmpty() && !inOrder(stages, expected)) {
      problems.add("stages must follow the order of the forward pass: " + expected);
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(
          "moduleNamesPerStage does not cut the model:\n- " + String.join("\n- ", problems));
    }
    return stages;
  }

  /** Within a stage the order is free. */
  private static boolean inOrder(List<List<String>> stages, List<String> expected) {
    int begin = 0;
    for (List<String> stage : stages) {
      if (!expected.subList(begin, begin + stage.size()).containsAll(stage)) {
        return false;
      }
      begin += stage.size();
    }
    return true;
  }
}
