package dev.penstock.spark.explain;

import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.plan.Layout;
import dev.penstock.spark.params.TrainerOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is to be set for a run to be laid out in another way, as keys of a recipe. */
final class LayoutFlags {
  private LayoutFlags() {}

  /** Every key whose value differs, with its new value; {@code none} takes an option away. */
  static Map<String, String> of(Layout from, Layout to) {
    Map<TrainerOption, String> before = values(from);
    Map<String, String> changed = new LinkedHashMap<>();
    values(to)
        .forEach(
            (option, value) -> {
              if (!value.equals(before.get(option))) {
                changed.put(option.recipeKey(), value);
              }
            });
    return changed;
  }

  private static Map<TrainerOption, String> values(Layout layout) {
    ScheduleConfig schedule = layout.schedule();
    Map<TrainerOption, String> values = new LinkedHashMap<>();
    values.put(TrainerOption.PP_SIZE, text(layout.parallel().ppSize()));
    values.put(TrainerOption.DP_SIZE, text(layout.parallel().dpSize()));
    values.put(TrainerOption.PP_SCHEDULE, schedule.ppSchedule());
    values.put(TrainerOption.PP_SCHEDULE_CSV, schedule.ppScheduleCsv() == null ? "none" : "csv");
    values.put(TrainerOption.LAYERS_PER_STAGE, text(schedule.layersPerStage()));
    values.put(
        TrainerOption.ROUND_VIRTUAL_STAGES_TO_PP_MULTIPLE,
        text(schedule.roundVirtualStagesToPpMultiple()));
    values.put(
        TrainerOption.MODULE_NAMES_PER_STAGE,
        schedule.moduleNamesPerStage().isEmpty() ? "none" : "listed");
    values.put(TrainerOption.SPLIT_STRATEGY, schedule.splitStrategy());
    values.put(TrainerOption.PP_MICROBATCH_SIZE, text(layout.microbatchSize()));
    values.put(TrainerOption.LOCAL_BATCH_SIZE, text(layout.localBatchSize()));
    values.put(TrainerOption.SHARD_OPTIMIZER_STATE, text(layout.shardState()));
    values.put(TrainerOption.RECOMPUTE, layout.recompute().toString());
    values.put(TrainerOption.PRECISION, layout.precision().toString());
    return values;
  }

  private static String text(@Nullable Object value) {
    return Objects.toString(value, "none");
  }
}
