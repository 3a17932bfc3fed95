package dev.penstock.engine.split;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What there is to say about one stage of a rank.
 *
 * @param first whether it is the pipeline's first
 * @param last whether it is the pipeline's last
 * @param moduleNames every module of the stage, parents before their children
 * @param parameters number of parameters
 * @param trainableParameters those of them that are trained
 */
public record StageDescription(
    boolean first,
    boolean last,
    List<String> moduleNames,
    long parameters,
    long trainableParameters) {
  public StageDescription {
    moduleNames = List.copyOf(moduleNames);
  }

  long parameters(boolean trainableOnly) {
    return trainableOnly ? trainableParameters : parameters;
  }

  /**
   * The modules above and including the given ones, parents first: {@code model.layers.0} stands
   * for {@code model}, {@code model.layers} and itself.
   */
  public static List<String> withParents(List<String> names) {
    Set<String> all = new LinkedHashSet<>();
    for (String name : names) {
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        all.add(name.substring(0, dot));
      }
      all.add(name);
    }
    return new ArrayList<>(all);
  }
}
