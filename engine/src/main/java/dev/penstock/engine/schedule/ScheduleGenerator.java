package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;

/**
 * A named rule that orders the work of every pipeline rank. Stateless; {@link Schedules#named}
 * finds one by its name.
 */
public interface ScheduleGenerator {
  /** The display name, as torch.distributed.pipelining spells it. */
  String name();

  /** Whether the schedule is defined for exactly one stage a rank. */
  boolean singleStage();

  /** How the schedule expects the stages on the ranks. */
  PlacementStyle placementStyle();

  /**
   * The compute order (F, I, W, B and OVERLAP_F_B only) of every rank.
   *
   * @throws dev.penstock.engine.config.ConfigException if the schedule is not defined for these
   *     numbers
   */
  PipelineSchedule generate(int ppSize, int stagesPerRank, int numMicrobatches);
}
