package dev.penstock.engine.split;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A rank's stages in words, in the formats of AutoPipeline's {@code pretty_print_stages} and {@code
 * debug_summary}.
 */
public final class StageReport {
  /** Names that {@link #prettyPrintStages} lists of a stage by default. */
  public static final int DEFAULT_MAX_MODULES = 16;

  private StageReport() {}

  /**
   * The modules of each stage.
   *
   * @param stages the stages of one rank, none before they are built
   * @param maxModules most names to list of a stage; an ellipsis follows as many, as in the
   *     reference even if there are no more
   */
  public static String prettyPrintStages(
      List<StageDescription> stages, int maxModules, boolean trainableOnly) {
    if (stages.isEmpty()) {
      return "<no stages>";
    }
    List<String> lines = new ArrayList<>();
    for (int index = 0; index < stages.size(); index++) {
      StageDescription stage = stages.get(index);
      lines.add(
          String.format(
              Locale.ROOT,
              "Stage %d%s: params=%s",
              index,
              tag(stage),
              count(stage.parameters(trainableOnly))));
      List<String> listed =
          stage.moduleNames().subList(0, Math.min(maxModules, stage.moduleNames().size()));
      listed.forEach(name -> lines.add("  - " + name));
      if (listed.size() == maxModules) {
        lines.add("  - ...");
      }
    }
    return String.join("\n", lines);
  }

  /**
   * The layout in five lines.
   *
   * @param schedule the schedule's name; null before it is built
   * @param numMicrobatches microbatches of one step; null before the schedule is built
   */
  public static String debugSummary(
      int ppSize,
      List<StageDescription> stages,
      @Nullable String schedule,
      @Nullable Integer numMicrobatches) {
    return String.join(
        "\n",
        "PP degree: " + ppSize,
        "Local stages: " + stages.size(),
        "Schedule: " + (schedule == null ? "None" : schedule),
        "n_microbatches: " + (numMicrobatches == null ? "None" : numMicrobatches),
        "Total params: %s (trainable: %s)"
            .formatted(count(total(stages, false)), count(total(stages, true))));
  }

  /** How the whole model's cost is shared out, a line for each stage and each rank. */
  public static String costShares(StageCut cut) {
    List<String> lines = new ArrayList<>();
    for (int stage = 0; stage < cut.stageCosts().size(); stage++) {
      List<String> names = cut.moduleNamesPerStage().get(stage);
      lines.add(
          String.format(
              Locale.ROOT,
              "Stage %d on rank %d: %s of the cost, params=%s, %s",
              stage,
              cut.stageToRank().get(stage),
              percent(cut.share(stage)),
              count(cut.stageParameters().get(stage)),
              names.size() == 1
                  ? names.get(0)
                  : names.get(0) + " to " + names.get(names.size() - 1)));
    }
    double total = cut.stageCosts().stream().mapToDouble(Double::doubleValue).sum();
    List<Double> ranks = cut.rankCosts();
    for (int rank = 0; rank < ranks.size(); rank++) {
      double share = total == 0 ? 0 : ranks.get(rank) / total;
      lines.add(String.format(Locale.ROOT, "Rank %d: %s of the cost", rank, percent(share)));
    }
    return String.join("\n", lines);
  }

  /** Parameters over all of a rank's stages. */
  public static long total(List<StageDescription> stages, boolean trainableOnly) {
    return stages.stream().mapToLong(stage -> stage.parameters(trainableOnly)).sum();
  }

  private static String tag(StageDescription stage) {
    if (stage.first() && stage.last()) {
      return " (first,last)";
    }
    return stage.first() ? " (first)" : stage.last() ? " (last)" : "";
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
