package dev.penstock.engine.plan;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LayerPart;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.StagePlacement;
import dev.penstock.engine.split.CostCut;
import dev.penstock.engine.split.ModuleCost;
import dev.penstock.engine.split.ModuleNaming;
import dev.penstock.engine.split.PipelineSplit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Decides which modules each stage owns: listed by the user, cut by cost, or evenly by layers. */
final class StageSplit {
  /**
   * The share of a step that another cut than an even one of whole layers has to save: those are
   * easier to read, and take even memory.
   */
  private static final double WORTH_IT = 0.02;

  private StageSplit() {}

  /**
   * The module names of each stage.
   *
   * @param costs every part of the model in the order of the forward pass, see {@link
   *     DecoderTensors#parts}
   */
  static List<List<String>> of(
      DecoderSpec spec, TrainingConfig run, PipelineSchedule schedule, List<ModuleCost> costs) {
    ScheduleConfig config = run.schedule();
    StagePlacement placement = schedule.placement();
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
      return byCost(new ScheduledCut(schedule, costs, run.lora() == null), placement, costs);
    }
    ModuleNaming naming =
        new ModuleNaming(true, true, false, false, List.of(), "model.", "lm_head");
    return PipelineSplit.generateModuleNamesPerStage(numStages, spec.numLayers(), naming);
  }

  /** Where ranks of whole layers are evenly loaded, or where the simulated step is shorter. */
  private static List<List<String>> byCost(
      ScheduledCut search, StagePlacement placement, List<ModuleCost> parts) {
    List<Integer> ranks = placement.stageToRank();
    ScheduledCut.Cut layers =
        search.of(CostCut.cut(wholeLayers(parts), ranks).moduleNamesPerStage());
    ScheduledCut.Cut halves = search.around(CostCut.cut(parts, ranks).moduleNamesPerStage());
    boolean worth = halves.time() < (1 - WORTH_IT) * layers.time();
    return search.stages(worth ? halves : layers);
  }

  /** The costs of modules, from those of their parts. */
  private static List<ModuleCost> wholeLayers(List<ModuleCost> parts) {
    Map<String, ModuleCost> whole = new LinkedHashMap<>();
    for (ModuleCost part : parts) {
      LayerPart layer = LayerPart.of(part.name());
      String name = layer == null ? part.name() : DecoderTensors.layerName(layer.layer());
      whole.merge(name, part.named(name), ModuleCost::plus);
    }
    return List.copyOf(whole.values());
  }

  /**
   * Checks a user's lists: every module once, none unknown, in the order of the forward pass. A
   * layer may be listed by its halves, and {@code model.rotary_emb} anywhere: it has no weights.
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
    List<String> expected = new DecoderTensors(spec).parts();
    List<String> listed = LayerPart.halved(stages.stream().flatMap(List::stream).toList());
    List<String> problems = new ArrayList<>();
    LayerPart.joined(expected.stream().filter(name -> !listed.contains(name)).toList())
        .forEach(name -> problems.add("missing: " + name));
    LayerPart.joined(listed.stream().filter(name -> !expected.contains(name)).toList())
        .forEach(name -> problems.add("unknown: " + name));
    LayerPart.joined(
            listed.stream()
                .filter(name -> listed.indexOf(name) != listed.lastIndexOf(name))
                .toList())
        .forEach(name -> problems.add("listed twice: " + name));
    if (problems.isEmpty() && !inOrder(stages, expected)) {
      problems.add(
          "stages must follow the order of the forward pass: " + LayerPart.joined(expected));
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(
          "moduleNamesPerStage does not cut the model:\n- " + String.join("\n- ", problems));
    }
    return stages.stream().map(LayerPart::joined).toList();
  }

  /** Within a stage the order is free. */
  private static boolean inOrder(List<List<String>> stages, List<String> expected) {
    int begin = 0;
    for (List<String> stage : stages) {
      List<String> parts = LayerPart.halved(stage);
      if (!expected.subList(begin, begin + parts.size()).containsAll(parts)) {
        return false;
      }
      begin += parts.size();
    }
    return true;
  }
}
