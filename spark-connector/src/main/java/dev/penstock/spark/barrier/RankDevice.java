package dev.penstock.spark.barrier;

import dev.penstock.engine.config.ConfigException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/**
 * Which device a task computes on.
 *
 * @param partition the task's number
 * @param localMode whether all tasks run in the driver, where Spark hands out no GPUs
 * @param gpus addresses of the GPUs that Spark gave the task
 * @param visibleDevices the process's CUDA_VISIBLE_DEVICES, or null
 */
public record RankDevice(
    int partition, boolean localMode, List<String> gpus, @Nullable String visibleDevices) {
  /** What this task and its process have. */
  public static RankDevice of(TaskContext task, boolean localMode) {
    ResourceInformation gpus = task.resourcesJMap().get("gpu");
    return new RankDevice(
        task.partitionId(),
        localMode,
        gpus == null ? List.of() : List.of(gpus.addresses()),
        System.getenv("CUDA_VISIBLE_DEVICES"));
  }

  /**
   * The device: {@code cpu} or {@code cuda:N} as the process counts its devices.
   *
   * @param option the Param: auto, cpu or cuda
   */
  public String choose(String option) {
    if (option.equals("cpu") || (option.equals("auto") && gpus.isEmpty())) {
      return "cpu";
    }
    if (!gpus.isEmpty()) {
      return "cuda:" + index(gpus.get(0));
    }
    if (localMode) {
      return "cuda:" + partition;
    }
    throw new ConfigException(
        "device is 'cuda', but Spark gave this task no GPU. Set spark.executor.resource.gpu.amount"
            + " and spark.task.resource.gpu.amount=1.");
  }

  private String index(String address) {
    if (visibleDevices == null || visibleDevices.isBlank()) {
      return address;
    }
    List<String> visible = Arrays.stream(visibleDevices.split(",", -1)).map(String::trim).toList();
    int index = visible.indexOf(address);
    if (index < 0) {
      throw new ConfigException(
          "Spark gave this task GPU %s, but CUDA_VISIBLE_DEVICES=%s hides it."
              .formatted(address, visibleDevices));
    }
    return Integer.toString(index);
  }
}
