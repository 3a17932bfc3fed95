package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
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
                                "Unknown schedule name '" + name + "'. The valid options are ['",
                                "']"))));
  }

  private static String canonical(String name) {
    return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
  }
}
