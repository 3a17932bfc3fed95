package dev.penstock.engine.split;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.PlacementStyle;
import dev.penstock.engine.config.ScheduleConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The reference's arithmetic of stages: how many there are, who owns them, and which modules of a
 * Hugging Face model each one names. Values and messages are those of NeMo AutoModel's {@code
 * pipelining/functional.py}.
 */
public final class PipelineSplit {
  private PipelineSplit() {}

  /**
   * The global ids of the stages on one rank (the reference's {@code stage_ids_this_rank}).
   *
   * @throws ConfigException if the stages do not divide evenly, or are not two a rank on a V
   */
  public static List<Integer> stageIdsThisRank(
      int ppRank, int ppSize, int numStages, PlacementStyle style) {
    check(
        numStages % ppSize == 0,
        String.format(
            Locale.ROOT,
            "num_stages %d must be evenly divisible by pp_size %d",
            numStages,
            ppSize));
    int stagesPerRank = numStages / ppSize;
    return switch (style) {
      case LOOP ->
          IntStream.range(0, stagesPerRank).mapToObj(stage -> ppRank + stage * ppSize).toList();
      case V -> {
        check(
            stagesPerRank == 2,
            String.format(
                Locale.ROOT, "v schedules assume 2 stages per rank, got %d", stagesPerRank));
        yield List.of(ppRank, numStages - 1 - ppRank);
      }
    };
  }

  /**
   * How many stages there are (the reference's {@code calculate_virtual_stages}).
   *
   * @param layersPerStage decoder layers of one stage; null: one stage a rank for single-stage
   *     schedules, two for multi-stage ones
   * @param roundToPpMultiple {@code up} or {@code down} to a multiple of {@code ppSize}, looked at
   *     only if rounding is needed; null refuses
   */
  public static VirtualStages calculateVirtualStages(
      int numLayers,
      @Nullable Integer layersPerStage,
      int ppSize,
      boolean singleStageSchedule,
      @Nullable String roundToPpMultiple) {
    if (layersPerStage == null) {
      int stagesPerRank = singleStageSchedule ? 1 : 2;
      return new VirtualStages(ppSize * stagesPerRank, stagesPerRank);
    }
    check(
        layersPerStage >= 1,
        String.format(
            Locale.ROOT, "layersPerStage must be at least 1, but is %d.", layersPerStage));
    int wanted = (int) ((numLayers + layersPerStage - 1L) / layersPerStage);
    String model =
        String.format(
            Locale.ROOT,
            "Model has %d layers with pipeline_parallel_layers_per_stage=%d",
            numLayers,
            layersPerStage);
    int numStages = roundStages(wanted, ppSize, roundToPpMultiple, model);
    int stagesPerRank = numStages / ppSize;
    String result =
        String.format(
            Locale.ROOT,
            "%s, resulting in num_virtual_stages=%d across %d PP ranks",
            model,
            wanted,
            ppSize);
    check(
        !singleStageSchedule || stagesPerRank == 1,
        String.format(
            Locale.ROOT,
            ("Single stage schedule requires exactly 1 stage per rank, but got %d stages per rank. %s."
                + " Please increase pipeline_parallel_layers_per_stage to %d or higher to achieve 1"
                + " stage per rank."),
            stagesPerRank,
            result,
            numLayers / ppSize));
    check(
        singleStageSchedule || stagesPerRank >= 2,
        String.format(
            Locale.ROOT,
            ("Multi-stage schedule requires at least 2 stages per rank, but got %d stages per rank. %s."
                + " Please decrease pipeline_parallel_layers_per_stage to %d or lower to achieve at"
                + " least 2 stages per rank."),
            stagesPerRank,
            result,
            numLayers / (2 * ppSize)));
    return new VirtualStages(numStages, stagesPerRank);
  }

  private static int roundStages(
      int wanted, int ppSize, @Nullable String roundToPpMultiple, String model) {
    int surplus = wanted % ppSize;
    if (surplus == 0) {
      return wanted;
    }
    check(
        roundToPpMultiple != null,
        String.format(
            Locale.ROOT,
            ("Number of virtual stages (%d) must be divisible by pipeline parallel size (%d). %s. Please"
                + " adjust pipeline_parallel_layers_per_stage to a value that results in a number of"
                + " stages divisible by %d."),
            wanted,
            ppSize,
            model,
            ppSize));
    return switch (roundToPpMultiple) {
      case "up" -> wanted + ppSize - surplus;
      case "down" -> wanted - surplus;
      default ->
          throw new ConfigException(
              "Invalid value for round_to_pp_multiple: "
                  + roundToPpMultiple
                  + ". Use 'up' or 'down'.");
    };
  }

  /** Decoder layers of each stage, evenly: what is left over goes to the earliest stages. */
  public static List<Integer> layerCountsPerStage(int numStages, int numLayers) {
    check(numStages >= 1, "Number of stages must be at least 1");
    check(
        numStages <= numLayers,
        String.format(
            Locale.ROOT,
            "Number of stages (%d) cannot exceed number of layers (%d)",
            numStages,
            numLayers));
    return IntStream.range(0, numStages)
        .mapToObj(stage -> numLayers / numStages + (stage < numLayers % numStages ? 1 : 0))
        .toList();
  }

  /**
   * The module names of each stage (the reference's {@code generate_hf_model_fqn_per_model_part}):
   * the split strategy {@code layers}.
   */
  public static List<List<String>> generateModuleNamesPerStage(
      int numStages, int numLayers, ModuleNaming naming) {
    List<List<String>> stages = new ArrayList<>();
    int layer = 0;
    for (int count : layerCountsPerStage(numStages, numLayers)) {
      List<String> names = new ArrayList<>();
      if (stages.isEmpty()) {
        addFirstStageNames(names, naming);
      }
      for (int i = 0; i < count; i++) {
        names.add(naming.layer(layer++));
      }
      if (stages.size() == numStages - 1) {
        names.add(naming.prefix() + "norm");
        if (naming.includeLmHead()) {
          names.add(naming.lmHeadName());
        }
      }
      if (naming.includeRotaryEmb()) {
        names.add(naming.prefix() + "rotary_emb");
      }
      stages.add(List.copyOf(names));
    }
    return List.copyOf(stages);
  }

  /**
   * The module names of each stage by the strategy {@code layers}, as the reference's {@code
   * split_model_into_stages} plans them: the configuration's own lists, or else evenly cut ones.
   *
   * @param singleStageSchedule whether the schedule is for one stage a rank; own lists may give
   *     more
   */
  public static List<List<String>> moduleNamesPerStage(
      ScheduleConfig config, ModuleTree model, int ppSize, boolean singleStageSchedule) {
    ModuleNaming naming = ModuleNaming.of(model);
    int numLayers = model.numLayers(naming);
    VirtualStages stages =
        calculateVirtualStages(
            numLayers,
            config.layersPerStage(),
            ppSize,
            singleStageSchedule,
            config.roundVirtualStagesToPpMultiple());
    if (config.moduleNamesPerStage().isEmpty()) {
      return generateModuleNamesPerStage(stages.numStages(), numLayers, naming);
    }
    new ModuleLists(modulesInOrder(numLayers, naming), Set.of(naming.prefix() + "rotary_emb"))
        .check(config.moduleNamesPerStage(), ppSize);
    return config.moduleNamesPerStage();
  }

  /** The modules that have parameters, in the order in which the model runs them. */
  public static List<String> modulesInOrder(int numLayers, ModuleNaming naming) {
    List<String> names = new ArrayList<>();
    names.add(naming.prefix() + "embed_tokens");
    for (int layer = 0; layer < numLayers; layer++) {
      names.add(naming.layer(layer));
    }
    names.add(naming.prefix() + "norm");
    if (naming.includeLmHead()) {
      names.add(naming.lmHeadName());
    }
    return List.copyOf(names);
  }

  private static void addFirstStageNames(List<String> names, ModuleNaming naming) {
    if (naming.includeEmbeddings()) {
      names.add(naming.prefix() + "embed_tokens");
    }
    if (naming.includeMultimodalEncoders()) {
      ModuleNaming.MULTIMODAL_SUFFIXES.forEach(suffix -> names.add(naming.prefix() + suffix));
    }
    names.addAll(naming.extraModuleNames());
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new ConfigException(message);
    }
  }
}
