package dev.penstock.spark.progress;

import dev.penstock.engine.plan.StageSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The stages of a run as a table of characters. */
public final class StageTable {
  private static final Pattern NUMBERED = Pattern.compile("(.*\\.)(\\d+)");

  private StageTable() {}

  /** One line a stage: rank, parameters and their share, share of the cost, modules. */
  public static String draw(List<StageSummary> stages) {
    double parameters = stages.stream().mapToLong(StageSummary::parameters).sum();
    StringBuilder table = new StringBuilder("stage  rank    parameters   share    cost  modules\n");
    for (StageSummary stage : stages) {
      table.append(
          String.format(
              Locale.ROOT,
              "%5d  %4d  %,12d  %5.1f%%  %5.1f%%  %s\n",
              stage.stage(),
              stage.ppRank(),
              stage.parameters(),
              100 * stage.parameters() / parameters,
              100 * stage.costShare(),
              modules(stage)));
    }
    return table.toString();
  }

  /** The modules of a stage in short: layers.0-2 for three neighbours. */
  public static String modules(StageSummary stage) {
    return String.join(", ", shorten(stage.modules()));
  }

  /** Joins neighbours such as layers.0, layers.1, layers.2 to layers.0-2. */
  private static List<String> shorten(List<String> modules) {
    List<String> shortened = new ArrayList<>();
    int begin = 0;
    while (begin < modules.size()) {
      int end = begin + 1;
      while (end < modules.size() && follows(modules.get(end - 1), modules.get(end))) {
        end++;
      }
      String first = modules.get(begin);
      String last = modules.get(end - 1);
      shortened.add(
          end == begin + 1 ? first : first + "-" + last.substring(last.lastIndexOf('.') + 1));
      begin = end;
    }
    return shortened;
  }

  private static boolean follows(String module, String next) {
    Matcher first = NUMBERED.matcher(module);
    Matcher second = NUMBERED.matcher(next);
    return first.matches()
        && second.matches()
        && first.group(1).equals(second.group(1))
        && Integer.parseInt(first.group(2)) + 1 == Integer.parseInt(second.group(2));
  }
}
