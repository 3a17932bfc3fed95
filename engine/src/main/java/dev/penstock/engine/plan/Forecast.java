package dev.penstock.engine.plan;

import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.Timeline;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run is expected to be on ranks of one kind.
 *
 * @param plan the run
 * @param device of each rank
 * @param memory of each pipeline rank
 * @param step its time
 */
public record Forecast(
    TrainingPlan plan, DeviceProfile device, List<MemoryEstimate> memory, StepForecast step) {
  /** What the context of a GPU and the buffers of its libraries take of its memory. */
  public static final long GPU_CONTEXT_BYTES = 1_500_000_000L;

  public Forecast {
    memory = List.copyOf(memory);
  }

  /**
   * What else a run has beside its configuration.
   *
   * @param validation null: it is not validated
   * @param checkpoints whether it makes any
   */
  public record Extras(@Nullable ValidationConfig validation, boolean checkpoints) {}

  /** Works it out. */
  public static Forecast of(TrainingPlan plan, DeviceProfile device, Extras extras) {
    List<MemoryEstimate> memory =
        MemoryEstimate.of(plan, extras.validation, extras.checkpoints, device.isGpu());
    return new Forecast(plan, device, memory, StepForecast.of(plan, device, memory));
  }

  /** What a rank takes of the device's memory, or, without a GPU, its process of the host's. */
  public long rankBytes(MemoryEstimate rank) {
    return device.isGpu()
        ? rank.deviceBytes() + GPU_CONTEXT_BYTES
        : rank.totalBytes() + MemoryEstimate.PROCESS_BYTES;
  }

  /** What a rank with a GPU takes of its host's memory: the process, and copies for checkpoints. */
  public static long hostBytes(MemoryEstimate rank) {
    return rank.checkpointBytes() + MemoryEstimate.PROCESS_BYTES;
  }

  /** One pipeline step, in seconds. */
  public Timeline timeline() {
    return Simulator.timeline(plan.schedule(), StepForecast.costs(plan, device));
  }

  /** The rank that takes most. */
  public MemoryEstimate fullest() {
    return memory.stream().max(Comparator.comparingLong(this::rankBytes)).orElseThrow();
  }

  /** Whether every rank fits its device. */
  public boolean fits() {
    return rankBytes(fullest()) <= device.memoryBytes();
  }
}
