package dev.penstock.engine.model.family;

import dev.penstock.engine.config.PythonPattern;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Modules of some layers, as peft's {@code layers_to_transform} and {@code layers_pattern} say. */
final class LayerSelection implements Predicate<String> {
  private final Set<Integer> layers;
  private final List<PythonPattern> containers;

  /**
   * Compiles the patterns.
   *
   * @param layers numbers of the layers; empty: every module is meant
   * @param patterns of what contains the layers; empty: anything
   * @throws ConfigException if one is none
   */
  LayerSelection(List<Integer> layers, List<String> patterns) {
    this.layers = Set.copyOf(layers);
    List<String> used = patterns.isEmpty() ? List.of("[^.]*") : patterns;
    containers = used.stream().map(p -> PythonPattern.parse(".*\\." + p)).toList();
  }

  @Override
  public boolean test(String module) {
    if (layers.isEmpty()) {
      return true;
    }
    // The first pattern that fits counts, and of it the last number, as peft has it.
    for (PythonPattern container : containers) {
      for (int dot = module.lastIndexOf('.'); dot > 0; dot = module.lastIndexOf('.', dot - 1)) {
        int begin = module.lastIndexOf('.', dot - 1);
        String number = module.substring(begin + 1, dot);
        if (begin > 0
            && number.matches("[0-9]{1,9}")
            && container.matches(module.substring(0, begin))) {
          return layers.contains(Integer.valueOf(number));
        }
      }
    }
    return false;
  }
}
