package dev.penstock.engine.checkpoint;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What a checkpoint says of the run that wrote it.
 *
 * @param run names the run over all its attempts
 * @param decisive what the numbers depend on, by name: a run goes on from a checkpoint only where
 *     all of it is the same
 * @param free what may differ, by name: layout, versions; to be shown
 */
public record RunIdentity(String run, Map<String, String> decisive, Map<String, String> free)
    implements Serializable {
  private static final int SHOWN = 120;

  /** In one order, so that manifests of equal runs are equal. */
  public RunIdentity {
    requireNonNull(run, "run is null");
    decisive = Collections.unmodifiableMap(new TreeMap<>(decisive));
    free = Collections.unmodifiableMap(new TreeMap<>(free));
  }

  /** The same under another name. */
  public RunIdentity ofRun(String newRun) {
    return new RunIdentity(newRun, decisive, free);
  }

  /** One line for each decisive thing that differs, with both values; empty: none does. */
  public List<String> differences(RunIdentity wanted) {
    return differences(wanted, name -> true);
  }

  /**
   * The same of the things that the run knows already.
   *
   * @param known says by its name whether something is to be compared
   */
  public List<String> differences(RunIdentity wanted, Predicate<String> known) {
    List<String> differences = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(decisive.keySet());
    names.addAll(wanted.decisive.keySet());
    for (String name : names) {
      String before = decisive.getOrDefault(name, "(none)");
      String now = wanted.decisive.getOrDefault(name, "(none)");
      if (known.test(name) && !before.equals(now)) {
        differences.add(describe(name, before, now));
      }
    }
    return List.copyOf(differences);
  }

  /** Long values are shown from a little before they differ. */
  private static String describe(String name, String before, String now) {
    int from = 0;
    if (Math.max(before.length(), now.length()) > SHOWN) {
      while (from < Math.min(before.length(), now.length())
          && before.charAt(from) == now.charAt(from)) {
        from++;
      }
      from = Math.max(0, from - SHOWN / 3);
    }
    return "%s: the checkpoint has %s, this run %s"
        .formatted(name, excerpt(before, from), excerpt(now, from));
  }

  private static String excerpt(String value, int from) {
    int begin = Math.min(from, value.length());
    int end = Math.min(value.length(), begin + SHOWN);
    return (begin > 0 ? "..." : "")
        + value.substring(begin, end)
        + (end < value.length() ? "..." : "");
  }
}
