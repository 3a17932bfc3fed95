package dev.penstock.engine.optim;

import dev.penstock.engine.model.Parameter;
import java.util.List;

/**
 * Parameters that are decayed alike.
 *
 * @param parameters those that are trainable are changed where they have a gradient
 * @param decayFactor what the step's weight decay is multiplied by: 1 as a rule, 0 for no decay
 */
public record ParameterGroup(List<Parameter> parameters, double decayFactor) {
  public ParameterGroup {
    parameters = List.copyOf(parameters);
  }
}
