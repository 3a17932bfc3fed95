package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Schedules as CSV text in the two formats of torch.distributed.pipelining: one rank a line without
 * a header, its actions in time order, blank cells idle. Who computes a stage owns it. The names
 * that torch had up to 2.5 ({@code B}, {@code W} and {@code BW}) are read too.
 *
 * <p>{@code compute_only} holds compute actions and is lowered later; {@code compute_comms} is run
 * as it is. Both are checked here for whatever would make a run fail or hang.
 */
public final class ScheduleCsv {
  private static final String NAME = "CSV";

  private ScheduleCsv() {}

  /** Reads a file's text. */
  public static String read(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new ConfigException("The specified path " + path + " does not exist or is not a file.");
    }
    try {
      return Files.readString(path, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the schedule " + path, e);
    }
  }

  /**
   * A {@code compute_only} schedule whose ranks, stages and microbatches are counted in the text.
   */
  public static PipelineSchedule parseComputeOnly(String text) {
    List<List<@Nullable Action>> ranks = countable(cells(text));
    return computeOnly(ranks, ranks.size(), numStages(ranks), ActionSet.bound(ranks, 0));
  }

  /** A {@code compute_only} schedule that must be for these numbers. */
  public static PipelineSchedule parseComputeOnly(
      String text, int ppSize, int numStages, int numMicrobatches) {
    return computeOnly(cells(text), ppSize, numStages, numMicrobatches);
  }

  /** A {@code compute_comms} schedule whose numbers are counted in the text. */
  public static PipelineSchedule parseComputeComms(String text) {
    List<List<@Nullable Action>> ranks = countable(cells(text));
    return computeComms(ranks, ranks.size(), numStages(ranks), ActionSet.bound(ranks, 0));
  }

  /** A {@code compute_comms} schedule that must be for these numbers. */
  public static PipelineSchedule parseComputeComms(
      String text, int ppSize, int numStages, int numMicrobatches) {
    return computeComms(cells(text), ppSize, numStages, numMicrobatches);
  }

  /**
   * The text of a schedule: {@code compute_only} of a compute order, {@code compute_comms} of a
   * lowered one.
   */
  public static String format(PipelineSchedule schedule) {
    return schedule.ranks().stream()
        .map(row -> row.stream().map(Action::toString).collect(Collectors.joining(",", "", "\n")))
        .collect(Collectors.joining());
  }

  private static PipelineSchedule computeOnly(
      List<List<@Nullable Action>> ranks, int ppSize, int numStages, int numMicrobatches) {
    PipelineSchedule schedule = validated(ranks, ppSize, numStages, numMicrobatches);
    for (int rank = 0; rank < ppSize; rank++) {
      int position = 0;
      for (Action action : ranks.get(rank)) {
        if (action != null && !action.type().isCompute()) {
          throw new ConfigException(
              String.format(
                  Locale.ROOT,
                  ("Expected compute-only schedule but found communication action '%s' at rank %d,"
                      + " position %d. Communication actions (e.g. SEND_F, RECV_F, etc.) should not"
                      + " be present when format='compute_only'. Save the schedule before torch"
                      + " lowers it, or leave out the cells with communication."),
                  action,
                  rank,
                  position));
        }
        position++;
      }
    }
    try {
      checkProgress(schedule);
    } catch (ConfigException e) {
      throw new ConfigException(SendReceivePass.MALFORMED + "\n" + e.getMessage(), e);
    }
    return schedule;
  }

  private static PipelineSchedule computeComms(
      List<List<@Nullable Action>> ranks, int ppSize, int numStages, int numMicrobatches) {
    PipelineSchedule schedule = validated(ranks, ppSize, numStages, numMicrobatches);
    for (int rank = 0; rank < ppSize; rank++) {
      int idle = ranks.get(rank).indexOf(null);
      if (idle >= 0) {
        throw ScheduleValidator.error(
            ranks, rank, idle, "A schedule with communication must have no empty cells");
      }
    }
    ScheduleValidator.validate(schedule);
    checkProgress(schedule);
    return schedule;
  }

  private static PipelineSchedule validated(
      List<List<@Nullable Action>> ranks, int ppSize, int numStages, int numMicrobatches) {
    StagePlacement placement =
        ScheduleValidator.validate(ranks, ppSize, numStages, numMicrobatches);
    List<List<Action>> actions = new ArrayList<>();
    for (List<@Nullable Action> row : ranks) {
      List<Action> kept = new ArrayList<>(row.size());
      for (Action action : row) {
        if (action != null) {
          kept.add(action);
        }
      }
      actions.add(kept);
    }
    return new PipelineSchedule(NAME, placement, numMicrobatches, actions);
  }

  private static void checkProgress(PipelineSchedule schedule) {
    Simulator.simulate(schedule, CostModel.unit(schedule.numStages()));
  }

  /**
   * Refuses a text without actions, and numbers so large that some below them must be missing:
   * memory is set aside by the largest.
   */
  private static List<List<@Nullable Action>> countable(List<List<@Nullable Action>> ranks) {
    int numCells = ranks.stream().mapToInt(List::size).sum();
    int numStages = numStages(ranks);
    int numMicrobatches = ActionSet.bound(ranks, 0);
    if (numStages == 0) {
      throw new ConfigException("The schedule is empty");
    }
    if (numStages > numCells || numMicrobatches > numCells) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The schedule speaks of stage %d and microbatch %d, but has only %d cells",
              numStages - 1,
              numMicrobatches - 1,
              numCells));
    }
    return ranks;
  }

  private static int numStages(List<List<@Nullable Action>> ranks) {
    int numStages = 0;
    for (List<@Nullable Action> row : ranks) {
      for (Action action : row) {
        if (action != null) {
          for (Action leaf : action.leaves()) {
            numStages = Math.max(numStages, leaf.stage() + 1);
          }
        }
      }
    }
    return numStages;
  }

  private static List<List<@Nullable Action>> cells(String text) {
    List<List<String>> cells =
        text.stripTrailing()
            .lines()
            .map(line -> Arrays.stream(line.split(",", -1)).map(ScheduleCsv::trimmed).toList())
            .toList();
    boolean older = OlderActions.isOlder(cells);
    List<List<@Nullable Action>> ranks = new ArrayList<>();
    for (List<String> line : cells) {
      List<@Nullable Action> row = new ArrayList<>();
      for (String cell : line) {
        String action = older ? OlderActions.renamed(cell) : cell;
        row.add(parse(action, ranks.size(), row.size()));
      }
      ranks.add(row);
    }
    return ranks;
  }

  private static @Nullable Action parse(String cell, int rank, int step) {
    try {
      return Action.parse(cell);
    } catch (ConfigException e) {
      throw new ConfigException(
          String.format(Locale.ROOT, "%s (rank %d, step %d)", e.getMessage(), rank, step), e);
    }
  }

  private static String trimmed(String text) {
    String cell = text.strip();
    boolean quoted = cell.length() >= 2 && cell.startsWith("\"") && cell.endsWith("\"");
    return quoted ? cell.substring(1, cell.length() - 1).strip() : cell;
  }
}
