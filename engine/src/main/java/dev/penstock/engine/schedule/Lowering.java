package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a compute order into what a rank executes, by passes that each add one kind of action.
 *
 * <p>The passes and their order are those of torch.distributed.pipelining: UNSHARD/RESHARD, then
 * REDUCE_GRAD, then SEND/RECV, then the optional deferral of receives. None changes the order of
 * the compute actions. Idle slots are dropped.
 */
public final class Lowering {
  /** Stages whose parameters the reference keeps unsharded at a time. */
  public static final int DEFAULT_MAX_ACTIVE_STAGES = 3;

  private Lowering() {}

  /**
   * What the runtime executes: REDUCE_GRAD and SEND/RECV added, parameters never sharded.
   *
   * <p>Between any two ranks the receives are posted in the order of the sends.
   */
  public static PipelineSchedule lower(PipelineSchedule compute) {
    checkComputeOrder(compute);
    return addSendRecv(addReduceGrad(compute));
  }

  /** All passes, as the reference lowers a schedule for sharded parameters. */
  public static PipelineSchedule lowerSharded(PipelineSchedule compute) {
    checkComputeOrder(compute);
    return addSendRecv(addReduceGrad(addUnshardReshard(compute, DEFAULT_MAX_ACTIVE_STAGES)));
  }

  private static void checkComputeOrder(PipelineSchedule schedule) {
    if (schedule.isLowered()) {
      throw new IllegalArgumentException("The schedule is lowered already: " + schedule.name());
    }
  }

  /** Adds UNSHARD and RESHARD to every rank. */
  public static PipelineSchedule addUnshardReshard(PipelineSchedule schedule, int maxActiveStages) {
    return schedule.withRanks(
        schedule.ranks().stream().map(row -> addUnshardReshard(row, maxActiveStages)).toList());
  }

  /** Adds UNSHARD and RESHARD to one rank; null is an idle slot. */
  public static List<Action> addUnshardReshard(
      List<? extends @Nullable Action> actions, int maxActiveStages) {
    return UnshardPass.apply(actions, maxActiveStages);
  }

  /** Adds REDUCE_GRAD to every rank. */
  public static PipelineSchedule addReduceGrad(PipelineSchedule schedule) {
    return schedule.withRanks(
        schedule.ranks().stream()
            .map(row -> addReduceGrad(row, schedule.numMicrobatches()))
            .toList());
  }

  /** Adds REDUCE_GRAD to one rank; null is an idle slot. */
  public static List<Action> addReduceGrad(
      List<? extends @Nullable Action> actions, int numMicrobatches) {
    return ReduceGradPass.apply(actions, numMicrobatches);
  }

  /** Adds the sends and receives between the ranks. */
  public static PipelineSchedule addSendRecv(PipelineSchedule schedule) {
    return schedule.withRanks(addSendRecv(schedule.ranks(), schedule.placement()));
  }

  /**
   * Adds the sends and receives between the ranks; null is an idle slot.
   *
   * @throws dev.penstock.engine.config.ConfigException if the compute order cannot run
   */
  public static List<List<Action>> addSendRecv(
      List<? extends List<? extends @Nullable Action>> ranks, StagePlacement placement) {
    return SendReceivePass.apply(ranks, placement);
  }

  /** Moves each receive to just before the action that needs it. */
  public static PipelineSchedule deferReceives(PipelineSchedule lowered) {
    List<List<Action>> ranks = new ArrayList<>();
    for (int rank = 0; rank < lowered.ppSize(); rank++) {
      ranks.add(DeferReceivesPass.apply(lowered.ranks().get(rank), lowered.placement(), rank));
    }
    return lowered.withRanks(ranks);
  }

  /** Makes one B of each I that its own W follows at once, on one rank; null is an idle slot. */
  public static List<Action> mergeBackward(List<? extends @Nullable Action> actions) {
    return MergeBackwardPass.apply(actions);
  }
}
