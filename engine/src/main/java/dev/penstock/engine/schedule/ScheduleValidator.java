package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a schedule that could not train: one in which a stage is computed on two ranks, a
 * microbatch is missing or done twice, or a backward comes before its forward.
 *
 * <p>Whatever torch's {@code _validate_schedule} refuses is refused with its message. What it lets
 * pass though it cannot run (a microbatch done twice, or one that does not exist) is refused after
 * that. The messages name rank, step, stage and microbatch and show the grid around them.
 */
public final class ScheduleValidator {
  private final List<? extends List<? extends @Nullable Action>> ranks;
  private final int numStages;
  private final int numMicrobatches;
  private final ActionSet seen;
  private final int[] rankOfStage;
  private @Nullable ConfigException tolerated;

  private ScheduleValidator(
      List<? extends List<? extends @Nullable Action>> ranks, int numStages, int numMicrobatches) {
    this.ranks = ranks;
    this.numStages = numStages;
    this.numMicrobatches = numMicrobatches;
    this.seen = new ActionSet(Math.max(numMicrobatches, checkActions()));
    this.rankOfStage = new int[numStages];
    Arrays.fill(rankOfStage, Action.NONE);
  }

  /**
   * Checks the actions of all ranks, communication and other stage-wide actions included as far as
   * their rank goes.
   *
   * @param ranks the actions of each rank in time order; null is an idle slot
   * @return the rank of each stage, inferred from who computes it
   * @throws ConfigException saying what is wrong, and where
   */
  public static StagePlacement validate(
      List<? extends List<? extends @Nullable Action>> ranks,
      int ppSize,
      int numStages,
      int numMicrobatches) {
    if (ranks.size() != ppSize) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "Schedule has incorrect number of ranks - expected %d, actual %d",
              ppSize,
              ranks.size()));
    }
    ComputeOrder.checkSize(numStages, numMicrobatches);
    return new ScheduleValidator(ranks, numStages, numMicrobatches).run();
  }

  /** Checks a schedule, lowered or not, against its own placement and number of microbatches. */
  public static void validate(PipelineSchedule schedule) {
    StagePlacement inferred =
        validate(
            schedule.ranks(), schedule.ppSize(), schedule.numStages(), schedule.numMicrobatches());
    if (!inferred.equals(schedule.placement())) {
      throw new ConfigException(
          "The schedule computes its stages on ranks %s, but is declared for %s."
              .formatted(inferred.stageToRank(), schedule.placement().stageToRank()));
    }
    if (schedule.isLowered()) {
      CommunicationCheck.check(schedule);
    }
  }

  private StagePlacement run() {
    for (int rank = 0; rank < ranks.size(); rank++) {
      int step = 0;
      for (Action action : ranks.get(rank)) {
        if (action != null) {
          for (Action leaf : action.leaves()) {
            checkOrder(leaf, rank, step);
            checkRank(leaf, rank, step);
          }
        }
        step++;
      }
    }
    for (int stage = 0; stage < numStages; stage++) {
      checkCounts(stage);
    }
    if (tolerated != null) {
      throw tolerated;
    }
    StagePlacement placement = new StagePlacement(Arrays.stream(rankOfStage).boxed().toList());
    for (int rank = 0; rank < ranks.size(); rank++) {
      if (placement.stagesOf(rank).isEmpty()) {
        throw new ConfigException("Rank " + rank + " computes no stage");
      }
    }
    return placement;
  }

  /** Refuses actions that make no sense alone; returns one more than the largest microbatch. */
  private int checkActions() {
    int bound = 0;
    for (int rank = 0; rank < ranks.size(); rank++) {
      int step = 0;
      for (Action action : ranks.get(rank)) {
        if (action != null) {
          if (action.type() == ActionType.OVERLAP_F_B && !isForwardAndBackward(action.parts())) {
            throw at(rank, step, action + " must overlap one forward with one backward action");
          }
          for (Action leaf : action.leaves()) {
            checkAction(leaf, rank, step);
            bound = Math.max(bound, leaf.microbatch() + 1);
          }
        }
        step++;
      }
    }
    return bound;
  }

  private static boolean isForwardAndBackward(List<Action> parts) {
    return parts.size() == 2
        && parts.get(0).type() == ActionType.F
        && (parts.get(1).type() == ActionType.B || parts.get(1).type() == ActionType.I);
  }

  private void checkAction(Action action, int rank, int step) {
    if (action.stage() < 0 || action.stage() >= numStages) {
      throw at(
          rank,
          step,
          String.format(
              Locale.ROOT,
              "%s is of stage %d, but there are %d stages",
              action,
              action.stage(),
              numStages));
    }
    boolean wantsMicrobatch = action.type().isPerMicrobatch();
    if (wantsMicrobatch != (action.microbatch() != Action.NONE)) {
      throw at(
          rank,
          step,
          action + (wantsMicrobatch ? " lacks its" : " must not have a") + " microbatch");
    }
    // The bookkeeping is one bit for each pass.
    if (action.microbatch() >= Math.max(numMicrobatches, ComputeOrder.MAX_PASSES / numStages)) {
      throw at(rank, step, noSuchMicrobatch(action));
    }
  }

  private void checkOrder(Action action, int rank, int step) {
    int stage = action.stage();
    int microbatch = action.microbatch();
    switch (action.type()) {
      case F -> {}
      case B -> require(action, ActionType.F, "Full Backward", "Forward", rank, step);
      case I -> require(action, ActionType.F, "Backward Input", "Forward", rank, step);
      case W -> require(action, ActionType.I, "Backward Weight", "Backward Input", rank, step);
      case UNSHARD, RESHARD, REDUCE_GRAD, SEND_F, RECV_F, SEND_B, RECV_B, OVERLAP_F_B -> {
        return;
      }
    }
    boolean isNew = seen.add(action);
    if (tolerated != null) {
      return;
    }
    if (microbatch >= numMicrobatches) {
      tolerated = at(rank, step, noSuchMicrobatch(action));
    } else if (!isNew
        || (seen.contains(stage, ActionType.B, microbatch)
            && seen.contains(stage, ActionType.I, microbatch))) {
      tolerated =
          at(
              rank,
              step,
              String.format(
                  Locale.ROOT,
                  "Running %s again: stage %d, microbatch %d has been through that already",
                  action,
                  stage,
                  microbatch));
    }
  }

  private String noSuchMicrobatch(Action action) {
    return String.format(
        Locale.ROOT,
        "%s is of microbatch %d, but there are %d microbatches",
        action,
        action.microbatch(),
        numMicrobatches);
  }

  private void require(
      Action action, ActionType before, String running, String missing, int rank, int step) {
    if (!seen.contains(action.stage(), before, action.microbatch())) {
      throw at(
          rank,
          step,
          String.format(
              Locale.ROOT,
              "Running %s for stage %d, microbatch %d without first running %s",
              running,
              action.stage(),
              action.microbatch(),
              missing));
    }
  }

  private void checkRank(Action action, int rank, int step) {
    int existing = rankOfStage[action.stage()];
    if (existing == Action.NONE) {
      rankOfStage[action.stage()] = rank;
    } else if (existing != rank) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "Rank %d, step %d: Stage %d is assigned to both rank %d and rank %d",
              rank,
              step,
              action.stage(),
              rank,
              existing));
    }
  }

  private void checkCounts(int stage) {
    int forwards = seen.count(stage, ActionType.F);
    int full = seen.count(stage, ActionType.B);
    int input = seen.count(stage, ActionType.I);
    int weight = seen.count(stage, ActionType.W);
    if (forwards != numMicrobatches) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "Got %d _ComputationType.FORWARD microbatches for stage %d, expected %d",
              forwards,
              stage,
              numMicrobatches));
    }
    // The run of blanks in both messages is the reference's.
    if (input != weight) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              ("Invalid backward microbatches for stage %d: I and W must have equal counts, "
                  + "            but got I=%d, W=%d"),
              stage,
              input,
              weight));
    }
    if (full + input != numMicrobatches) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              ("Invalid backward microbatches for stage %d: expected %d total backwards, "
                  + "            but got B=%d, I=%d, W=%d"),
              stage,
              numMicrobatches,
              full,
              input,
              weight));
    }
  }

  private ConfigException at(int rank, int step, String problem) {
    return error(ranks, rank, step, problem);
  }

  /** The error for one action, with the grid around it and the step marked in it. */
  static ConfigException error(
      List<? extends List<? extends @Nullable Action>> ranks, int rank, int step, String problem) {
    return new ConfigException(
        String.format(
            Locale.ROOT,
            "Rank %d, step %d: %s\n\nFull pipeline schedule:\n%s",
            rank,
            step,
            problem,
            ScheduleGrid.excerpt(ranks, step)));
  }
}
