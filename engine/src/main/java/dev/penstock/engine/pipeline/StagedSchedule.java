package dev.penstock.engine.pipeline;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.ScheduleCsv;
import dev.penstock.engine.schedule.ScheduleGenerator;
import dev.penstock.engine.schedule.Schedules;

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
          "The model's %d stages must be divisible by the %d pipeline ranks."
              .formatted(numStages, ppSize));
    }
    return generator.generate(ppSize, numStages / ppSize, options.numMicrobatches());
  }
}
