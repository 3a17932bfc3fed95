package dev.penstock.engine.optim;

import dev.penstock.engine.model.Parameter;
import java.util.List;

/**
 * Parameters that are decayed alike.
 *
 * @param parameters trainable, each with a defined gradient whenever a step is taken
 * @param decayFactor what the step's weight decay is multiplied by: 1 as a rule, 0 for no decay
 */
public record ParameterGroup(List<Parameter> parameters, double decayFactor) {
  public ParameterGroup {
    parameters = List.copyOf(parameters);
  }
}
