package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ScheduleConfig;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The schedules there are, by name. */
public final class Schedules {
  private static final List<ScheduleGenerator> ALL =
      List.of(
          new OneFOneBSchedule(),
          new Interleaved1F1BSchedule(),
          new GPipeSchedule(),
          new LoopedBfsSchedule(),
          new InterleavedZeroBubbleSchedule(),
          new ZbvZeroBubbleSchedule(),
          new DualPipeVSchedule());

  private Schedules() {}

  /** Every schedule, in the order of the reference's list. */
  public static List<ScheduleGenerator> all() {
    return ALL;
  }

  /** The schedule of a name in any case, with or without {@code _} and {@code -}. */
  public static ScheduleGenerator named(String name) {
    String wanted = canonical(name);
    return ALL.stream()
        .filter(generator -> canonical(generator.name()).equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    ALL.stream()
                        .map(ScheduleGenerator::name)
                        .collect(
                            Collectors.joining(
                                "', '",
                                "Unknown schedule name '"
                                    + ScheduleGrid.shortened(name)
                                    + "'. The valid options are ['",
                                "']"))));
  }

  /**
   * The compute order, or with CSV what it holds, of a run (the reference's {@code
   * build_pipeline_schedule}). A CSV wins over the name and needs none.
   *
   * @param microbatchSize rows of one microbatch
   * @param localBatchSize rows of one step on one replica
   */
  public static PipelineSchedule build(
      ScheduleConfig config, int ppSize, int numStages, int microbatchSize, int localBatchSize) {
    ScheduleGenerator generator =
        config.ppScheduleCsv() == null ? named(config.ppSchedule()) : null;
    ComputeOrder.check(
        microbatchSize >= 1,
        String.format(
            Locale.ROOT, "ppMicrobatchSize must be at least 1, but is %d.", microbatchSize));
    int numMicrobatches = localBatchSize / microbatchSize;
    ComputeOrder.check(
        localBatchSize % microbatchSize == 0,
        String.format(
            Locale.ROOT,
            ("Batch size %d must be divisible by number of microbatches %d. Update the config arguments"
                + " for either batch_size or pipeline_parallel_microbatch_size."),
            localBatchSize,
            numMicrobatches));
    if (generator == null) {
      return ScheduleCsv.parseComputeOnly(
          config.ppScheduleCsv(), ppSize, numStages, numMicrobatches);
    }
    ComputeOrder.check(
        numStages % ppSize == 0,
        String.format(
            Locale.ROOT, "Total stages %d must be divisible by PP size %d", numStages, ppSize));
    return generator.generate(ppSize, numStages / ppSize, numMicrobatches);
  }

  private static String canonical(String name) {
    return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
  }
}
