package dev.penstock.engine.config;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pipeline schedule and the cut of the model: the reference's {@code distributed.pipeline}
 * block.
 *
 * @param ppSchedule schedule name, any case, with or without {@code _} and {@code -}
 * @param ppScheduleCsv text of a CSV schedule, which then wins over {@code ppSchedule}; or null
 * @param layersPerStage decoder layers of one stage; null: one stage a rank for single-stage
 *     schedules, two for multi-stage ones
 * @param roundVirtualStagesToPpMultiple {@code up}, {@code down}, or null for no rounding
 * @param splitStrategy {@code cost}, where the simulated step is shortest, or {@code layers},
 *     evenly
 * @param moduleNamesPerStage explicit module names of each stage; empty: cut by the strategy
 */
public record ScheduleConfig(
    String ppSchedule,
    @Nullable String ppScheduleCsv,
    @Nullable Integer layersPerStage,
    @Nullable String roundVirtualStagesToPpMultiple,
    String splitStrategy,
    List<List<String>> moduleNamesPerStage)
    implements Serializable {
  public ScheduleConfig {
    ConfigException.check(
        layersPerStage == null || layersPerStage >= 1,
        "layersPerStage must be at least 1, but is %s.",
        layersPerStage);
    ConfigException.check(
        splitStrategy.equals("cost") || splitStrategy.equals("layers"),
        "splitStrategy must be 'cost' or 'layers', but is '%s'.",
        splitStrategy);
    moduleNamesPerStage = moduleNamesPerStage.stream().map(List::copyOf).toList();
  }

  /** A named schedule, everything else by default. */
  public static ScheduleConfig named(String ppSchedule) {
    return new ScheduleConfig(ppSchedule, null, null, null, "layers", List.of());
  }
}
