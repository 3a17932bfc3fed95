package dev.penstock.engine.pipeline;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.ScheduleCsv;
import dev.penstock.engine.schedule.ScheduleGenerator;
import dev.penstock.engine.schedule.Schedules;
import java.util.Locale;

/** Finds the schedule that pipeline options ask for. */
final class StagedSchedule {
  private StagedSchedule() {}

  static PipelineSchedule of(PipelineOptions options, int ppSize, int numStages) {
    String csv = options.ppScheduleCsv();
    if (csv != null) {
      return ScheduleCsv.parseComputeOnly(csv, ppSize, numStages, options.numMicrobatches());
    }
    ScheduleGenerator generator = Schedules.named(requireNonNull(options.ppSchedule()));
    if (numStages % ppSize != 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The model's %d stages must be divisible by the %d pipeline ranks.",
              numStages,
              ppSize));
    }
    return generator.generate(ppSize, numStages / ppSize, options.numMicrobatches());
  }
}
