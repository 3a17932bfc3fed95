package dev.penstock.spark.explain;

import com.sun.management.OperatingSystemMXBean;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.torch.MatrixRate;
import dev.penstock.engine.torch.Processor;
import dev.penstock.spark.interop.NativeSettings;
import java.lang.management.ManagementFactory;

/** What the ranks of a run are taken to compute on. */
final class ExplainDevices {
  private static final String CPU = "cpu";
  private static final String MEASURED = "cpu:measured";

  private ExplainDevices() {}

  /** The device that is named where none is asked for. */
  static String byParam(String device) {
    return device.equals("cuda") ? "h100" : CPU;
  }

  /**
   * A device by name.
   *
   * @param name a GPU's, {@code cpu}, or {@code cpu:measured}
   * @param cores of a rank without a GPU
   * @param run of which a microbatch is multiplied to measure
   * @throws ConfigException if it is not known, cannot be measured, or refuses the run's precision
   */
  static DeviceProfile of(String name, int cores, TrainingConfig run) {
    return switch (name) {
      case CPU -> DeviceProfile.cpu(cores, hostBytes());
      case MEASURED -> measured(cores, run);
      default -> DeviceProfile.named(name);
    };
  }

  private static DeviceProfile measured(int cores, TrainingConfig run) {
    boolean half = run.compute().precision() == Precision.BFLOAT16;
    Processor processor = Processor.ofThisMachine();
    if (half && !processor.multipliesBfloat16()) {
      throw new ConfigException(
          "precision is bfloat16, but on this machine " + processor.whyNotBfloat16());
    }
    try {
      NativeSettings.prepare();
      long tokens = (long) run.batch().microbatchSize() * run.batch().seqLength();
      double exact = MatrixRate.float32Flops(cores, tokens);
      double rounded = half ? MatrixRate.bfloat16Flops(cores, tokens) : exact;
      return DeviceProfile.cpu(cores, hostBytes(), exact, rounded, "measured on this machine");
    } catch (LinkageError e) {
      throw new ConfigException(
          "This machine cannot be measured, for the native libraries cannot be loaded: %s. Use the device cpu."
              .formatted(e.getMessage()),
          e);
    }
  }

  private static long hostBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
