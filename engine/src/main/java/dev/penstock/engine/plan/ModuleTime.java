package dev.penstock.engine.plan;

import static java.util.Objects.requireNonNull;

/**
 * How long one module takes for one microbatch, in seconds.
 *
 * @param module its name
 * @param forward F; with the loss for a head
 * @param input I, the backward pass for the module's input
 * @param weight W, the backward pass for its weights
 */
public record ModuleTime(String module, double forward, double input, double weight) {
  public ModuleTime {
    requireNonNull(module, "module is null");
  }
}
