package dev.penstock.engine.split;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import java.util.Locale;

/**
 * What one module of a model costs for one microbatch; from shapes or from a profile run.
 *
 * @param name the module's full name: {@code model.layers.3}
 * @param forwardFlops operations of the forward pass, or any other measure of its time
 * @param backwardFlops the same of the backward pass
 * @param parameters number of parameters
 */
public record ModuleCost(String name, double forwardFlops, double backwardFlops, long parameters) {
  public ModuleCost {
    requireNonNull(name, "name is null");
    boolean valid = forwardFlops >= 0 && backwardFlops >= 0 && parameters >= 0;
    if (!valid || Double.isInfinite(forwardFlops + backwardFlops)) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The cost of %s must be numbers of at least 0, but is %s forward, %s backward, %d parameters.",
              name,
              forwardFlops,
              backwardFlops,
              parameters));
    }
  }

  /** Two modules as one. */
  public ModuleCost plus(ModuleCost other) {
    return new ModuleCost(
        name,
        forwardFlops + other.forwardFlops,
        backwardFlops + other.backwardFlops,
        parameters + other.parameters);
  }

  /** The same under another name. */
  public ModuleCost named(String newName) {
    return new ModuleCost(newName, forwardFlops, backwardFlops, parameters);
  }

  /** Forward and backward together: what a stage is weighed by. */
  public double flops() {
    return forwardFlops + backwardFlops;
  }
}
