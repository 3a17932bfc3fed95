package dev.penstock.engine.train;

import dev.penstock.engine.config.Precision;
import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.plan.MeasuredModules;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.torch.MatrixRate;
import dev.penstock.engine.torch.MemoryRate;

/** This machine as a device of a forecast: it runs the modules of the model for a moment. */
public final class MeasuredDevice {
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
    MeasuredModules modules = new MeasuredModules(plan, new ModuleProfile(plan, "cpu").measure());
    return DeviceProfile.cpu(cores, memoryBytes, exact, rounded, "measured on this machine")
        .measured(modules, MemoryRate.bytesPerSecond());
  }
}
