package dev.penstock.engine.plan;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the modules of a run took when they ran for a moment. For other microbatches than the run's
 * they are taken to take as much more or less as they have operations.
 */
public final class MeasuredModules {
  private final TrainingPlan plan;
  private final Map<String, ModuleTime> times;

  /**
   * Keeps what was measured.
   *
   * @param plan the run whose microbatch was measured
   * @param times of every part of the model, see {@link
   *     dev.penstock.engine.model.DecoderTensors#parts}
   */
  public MeasuredModules(TrainingPlan plan, List<ModuleTime> times) {
    this.plan = plan;
    this.times = times.stream().collect(Collectors.toMap(ModuleTime::module, Function.identity()));
  }

  /** The time of a module in a run of the same model. */
  ModuleTime of(TrainingPlan other, String module) {
    ModuleTime time = requireNonNull(times.get(module), "a module that was not measured");
    List<String> one = List.of(module);
    double scale = other.forwardCost(one) / plan.forwardCost(one);
    return new ModuleTime(
        module, scale * time.forward(), scale * time.input(), scale * time.weight());
  }
}
