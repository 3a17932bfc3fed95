package dev.penstock.spark.barrier;

import dev.penstock.engine.config.ConfigException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/** Which device a rank computes on. */
public final class RankDevice {
  private RankDevice() {}

  /**
   * The device of this task: {@code cpu} or {@code cuda:N} as the process counts its devices.
   *
   * @param option the Param: auto, cpu or cuda
   * @param localMode whether all tasks run in the driver, where Spark hands out no GPUs
   * @param visibleDevices the process's CUDA_VISIBLE_DEVICES, if set
   */
  public static String of(
      String option, TaskContext context, boolean localMode, @Nullable String visibleDevices) {
    ResourceInformation gpus = context.resourcesJMap().get("gpu");
    if (option.equals("cpu") || (option.equals("auto") && gpus == null)) {
      return "cpu";
    }
    if (gpus != null) {
      return "cuda:" + index(gpus.addresses()[0], visibleDevices);
    }
    if (localMode) {
      return "cuda:" + context.partitionId();
    }
    throw new ConfigException(
        "device is 'cuda', but Spark gave this task no GPU. Set spark.executor.resource.gpu.amount"
            + " and spark.task.resource.gpu.amount=1.");
  }

  private static String index(String address, @Nullable String visibleDevices) {
    if (visibleDevices == null || visibleDevices.isBlank()) {
      return address;
    }
    List<String> visible = Arrays.stream(visibleDevices.split(",")).map(String::trim).toList();
    int index = visible.indexOf(address);
    if (index < 0) {
      throw new ConfigException(
          "Spark gave this task GPU %s, but CUDA_VISIBLE_DEVICES=%s hides it."
              .formatted(address, visibleDevices));
    }
    return Integer.toString(index);
  }
}
