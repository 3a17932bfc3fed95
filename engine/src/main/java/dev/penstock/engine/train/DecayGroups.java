package dev.penstock.engine.train;

import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.ParameterRange;
import dev.penstock.engine.optim.ParameterGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Parts a rank's parameters into those that are decayed and those that are not. Neighbours in
 * memory stay one vector, so that the optimizer makes few passes over few tensors.
 */
final class DecayGroups {
  private DecayGroups() {}

  /**
   * The groups that are not empty.
   *
   * @param exclusions regular expressions; a parameter in whose name one is found is not decayed
   */
  static List<ParameterGroup> of(ParameterArena arena, List<String> exclusions) {
    Predicate<String> excluded =
        exclusions.stream()
            .map(pattern -> Pattern.compile(pattern).asPredicate())
            .reduce(name -> false, Predicate::or);
    List<ParameterGroup> groups = new ArrayList<>();
    add(groups, arena, arena.ranges(excluded.negate()), 1);
    add(groups, arena, arena.ranges(excluded), 0);
    return groups;
  }

  private static void add(
      List<ParameterGroup> groups,
      ParameterArena arena,
      List<ParameterRange> ranges,
      double decayFactor) {
    if (!ranges.isEmpty()) {
      groups.add(new ParameterGroup(ranges.stream().map(arena::vector).toList(), decayFactor));
    }
  }
}
