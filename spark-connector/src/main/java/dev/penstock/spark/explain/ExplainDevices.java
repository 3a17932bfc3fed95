package dev.penstock.spark.explain;

import com.sun.management.OperatingSystemMXBean;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.torch.Processor;
import dev.penstock.engine.train.MeasuredDevice;
import dev.penstock.spark.interop.NativeSettings;
import java.lang.management.ManagementFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the ranks of a run are taken to compute on. */
final class ExplainDevices {
  private static final String CPU = "cpu";
  private static final String MEASURED = "cpu:measured";

  /** The speed of a core as doctor tells it. */
  private static final Pattern RATED = Pattern.compile("cpu:(\\d{1,6})");

  private static final double GIGA = 1e9;

  /** Products in bfloat16, where the processor has AVX512_BF16; by AMX they are faster yet. */
  private static final double HALF_RATE = 2;

  private ExplainDevices() {}

  /** The device that is named where none is asked for. */
  static String byParam(String device) {
    return device.equals("cuda") ? "h100" : CPU;
  }

  /**
   * A device by name.
   *
   * @param name a GPU's, {@code cpu}, {@code cpu:GFLOPS} with the rate of a core in products of
   *     float32, or {@code cpu:measured}
   * @param cores of a rank without a GPU
   * @param plan the run whose modules are run to measure
   * @throws ConfigException if it is not known, cannot be measured, or refuses the run's precision
   */
  static DeviceProfile of(String name, int cores, TrainingPlan plan) {
    Matcher rated = RATED.matcher(name);
    if (rated.matches()) {
      double flops = cores * GIGA * Double.parseDouble(rated.group(1));
      return DeviceProfile.cpu(cores, hostBytes(), flops, HALF_RATE * flops, "as given");
    }
    return switch (name) {
      case CPU -> usual(cores, CpuCore.of(Processor.ofThisMachine()));
      case MEASURED -> measured(cores, plan);
      default -> DeviceProfile.named(name);
    };
  }

  private static DeviceProfile usual(int cores, CpuCore core) {
    double flops = cores * core.flops();
    return DeviceProfile.cpu(cores, hostBytes(), flops, HALF_RATE * flops, core.described());
  }

  private static DeviceProfile measured(int cores, TrainingPlan plan) {
    boolean half = plan.config().compute().precision() == Precision.BFLOAT16;
    Processor processor = Processor.ofThisMachine();
    if (half && !processor.multipliesBfloat16()) {
      throw new ConfigException(
          "precision is bfloat16, but on this machine " + processor.whyNotBfloat16());
    }
    try {
      NativeSettings.prepare();
      return MeasuredDevice.cpu(plan, cores, hostBytes());
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
