package dev.penstock.examples;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.ScheduleCsv;
import dev.penstock.engine.schedule.ScheduleGenerator;
import dev.penstock.engine.schedule.Schedules;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The flags that say which schedule is wanted, by name or from a file. */
@Command
final class ScheduleRequest {
  /** More could not be looked at anyway, and memory is better kept than lost. */
  private static final long MAX_ACTIONS = 20_000_000;

  @Option(names = "--schedule", description = "Name of the schedule, e.g. Interleaved1F1B.")
  private String name;

  @Option(names = "--csv", description = "A compute_only file of a schedule, instead of a name.")
  private Path csv;

  @Option(names = "--pp-size", description = "Pipeline ranks.")
  private Integer ppSize;

  @Option(names = "--microbatches", description = "Microbatches of one step.")
  private Integer numMicrobatches;

  @Option(
      names = "--stages-per-rank",
      description = "Default: 1 for single-stage schedules, 2 for others.")
  private Integer stagesPerRank;

  @Option(
      names = "--lowered",
      description = "With UNSHARD, RESHARD, REDUCE_GRAD, SEND and RECV, as the reference lowers.")
  private boolean lowered;

  @Option(
      names = "--defer-receives",
      description = "As --lowered, with each RECV just before the action that needs it.")
  private boolean deferReceives;

  boolean isLowered() {
    return lowered || deferReceives;
  }

  /** The compute order that the flags ask for. */
  PipelineSchedule order() {
    if (csv != null) {
      return fromCsv(ScheduleCsv.read(csv));
    }
    require(name, "--schedule or --csv");
    ScheduleGenerator generator = Schedules.named(name);
    int stages = stagesPerRank != null ? stagesPerRank : generator.singleStage() ? 1 : 2;
    require(ppSize, "--pp-size");
    require(numMicrobatches, "--microbatches");
    // Two or three actions for each microbatch on each stage.
    if (3.0 * ppSize * stages * numMicrobatches > MAX_ACTIONS) {
      throw new ConfigException(
          "The schedule would have more than " + MAX_ACTIONS + " actions. Ask for a smaller one.");
    }
    return generator.generate(ppSize, stages, numMicrobatches);
  }

  /** A CSV tells its own numbers; those that are given must be the same. */
  private PipelineSchedule fromCsv(String text) {
    PipelineSchedule found = ScheduleCsv.parseComputeOnly(text);
    int ranks = ppSize == null ? found.ppSize() : ppSize;
    return ScheduleCsv.parseComputeOnly(
        text,
        ranks,
        stagesPerRank == null ? found.numStages() : ranks * stagesPerRank,
        numMicrobatches == null ? found.numMicrobatches() : numMicrobatches);
  }

  /** The schedule as it is to be shown. */
  PipelineSchedule shown(PipelineSchedule order) {
    PipelineSchedule result = isLowered() ? Lowering.lowerSharded(order) : order;
    return deferReceives ? Lowering.deferReceives(result) : result;
  }

  private static void require(Object value, String flag) {
    if (value == null) {
      throw new ConfigException("Missing " + flag + ".");
    }
  }
}
