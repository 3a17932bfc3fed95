package dev.penstock.engine.train;

import dev.penstock.engine.config.Precision;
import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.plan.MeasuredModules;
import dev.penstock.engine.plan.ModuleTime;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.torch.MatrixRate;
import dev.penstock.engine.torch.MemoryRate;
import java.util.List;

/** This machine as a device of a forecast: it runs the modules of the model for a moment. */
public final class MeasuredDevice {
  /**
   * How much longer a module takes within a step than alone, where weights and input lie in the
   * caches and the other cores rest: fitted to eight layouts, see bench.
   */
  private static final double WITHIN_A_STEP = 1.03;

  private MeasuredDevice() {}

  /**
   * Measures some cores, which takes seconds, and memory for the largest module of the model.
   *
   * @param plan the run whose modules are measured
   * @param memoryBytes of the host
   * @throws UnsatisfiedLinkError if the natives of this platform are not on the class path
   */
  public static DeviceProfile cpu(TrainingPlan plan, int cores, long memoryBytes) {
    Precision precision = plan.config().compute().precision();
    long tokens = (long) plan.config().batch().microbatchSize() * plan.config().batch().seqLength();
    double exact = MatrixRate.float32Flops(cores, tokens);
    double rounded =
        precision == Precision.BFLOAT16 ? MatrixRate.bfloat16Flops(cores, tokens) : exact;
    List<ModuleTime> times =
        new ModuleProfile(plan, "cpu").measure().stream().map(MeasuredDevice::withinStep).toList();
    MeasuredModules modules = new MeasuredModules(plan, times);
    return DeviceProfile.cpu(cores, memoryBytes, exact, rounded, "measured on this machine")
        .measured(modules, MemoryRate.bytesPerSecond());
  }

  private static ModuleTime withinStep(ModuleTime alone) {
    return new ModuleTime(
        alone.module(),
        WITHIN_A_STEP * alone.forward(),
        WITHIN_A_STEP * alone.input(),
        WITHIN_A_STEP * alone.weight());
  }
}
