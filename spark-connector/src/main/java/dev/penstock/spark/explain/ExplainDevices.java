package dev.penstock.spark.explain;

import com.sun.management.OperatingSystemMXBean;
import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.torch.MatrixRate;
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
   * @param batch of which a microbatch is multiplied to measure
   * @throws ConfigException if it is not known, or cannot be measured
   */
  static DeviceProfile of(String name, int cores, BatchConfig batch) {
    return switch (name) {
      case CPU -> DeviceProfile.cpu(cores, hostBytes());
      case MEASURED -> measured(cores, batch);
      default -> DeviceProfile.named(name);
    };
  }

  private static DeviceProfile measured(int cores, BatchConfig batch) {
    try {
      NativeSettings.prepare();
      long tokens = (long) batch.microbatchSize() * batch.seqLength();
      double flops = MatrixRate.float32Flops(cores, tokens);
      return DeviceProfile.cpu(cores, hostBytes(), flops, "measured on this machine");
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
