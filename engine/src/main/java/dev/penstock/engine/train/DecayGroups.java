package dev.penstock.engine.train;

import dev.penstock.engine.model.Parameter;
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
   * @param share the part of the arena that is parted
   * @param exclusions regular expressions; a parameter in whose name one is found is not decayed
   */
  static List<ParameterGroup> of(
      ParameterArena arena, ParameterRange share, List<String> exclusions) {
    Predicate<String> excluded =
        exclusions.stream()
            .map(pattern -> Pattern.compile(pattern).asPredicate())
            .reduce(name -> false, Predicate::or);
    List<ParameterGroup> groups = new ArrayList<>();
    add(groups, arena, share, excluded.negate(), 1);
    add(groups, arena, share, excluded, 0);
    return groups;
  }

  private static void add(
      List<ParameterGroup> groups,
      ParameterArena arena,
      ParameterRange share,
      Predicate<String> names,
      double decayFactor) {
    List<Parameter> vectors =
        arena.ranges(names).stream()
            .map(share::intersection)
            .filter(range -> range.size() > 0)
            .map(arena::vector)
            .toList();
    if (!vectors.isEmpty()) {
      groups.add(new ParameterGroup(vectors, decayFactor));
    }
  }
}
