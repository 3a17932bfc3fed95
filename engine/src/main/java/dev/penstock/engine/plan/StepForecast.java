package dev.penstock.engine.plan;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.LayerPart;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.Simulation;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.StageCost;
import java.util.ArrayList;
import java.util.List;

/**
 * How long an optimizer step is expected to take, in seconds.
 *
 * @param pipelineSeconds the pipeline steps: passes of all microbatches, waiting for other ranks
 *     counted
 * @param reductionSeconds replicas sum their gradients, taken as not overlapped with the passes
 * @param optimizerSeconds the update
 * @param simulation of one pipeline step, in seconds
 * @param tokens of a step, over all replicas
 */
public record StepForecast(
    double pipelineSeconds,
    double reductionSeconds,
    double optimizerSeconds,
    Simulation simulation,
    long tokens) {
  /** Passes over memory of an update: weights and two moments, read and written, and gradients. */
  private static final int UPDATE_PASSES = 7;

  /** How long a step of this plan takes on ranks of this kind. */
  static StepForecast of(TrainingPlan plan, DeviceProfile device, List<MemoryEstimate> memory) {
    TrainingConfig config = plan.config();
    ParallelConfig parallel = config.parallel();
    BatchConfig batch = config.batch();
    Simulation simulation = Simulator.simulate(plan.schedule(), costs(plan, device));
    long trained = memory.stream().mapToLong(MemoryEstimate::gradientBytes).max().orElse(0);
    double replicas = parallel.dpSize();
    return new StepForecast(
        batch.accumulationSteps(parallel) * simulation.makespan(),
        2 * trained * (replicas - 1) / replicas / device.linkBandwidth(),
        (double) UPDATE_PASSES * trained / device.memoryBandwidth(),
        simulation,
        (long) batch.globalBatchSize() * batch.seqLength());
  }

  /** What each stage costs a microbatch. */
  static CostModel costs(TrainingPlan plan, DeviceProfile device) {
    BatchConfig batch = plan.config().batch();
    double move =
        (double) batch.microbatchSize()
            * batch.seqLength()
            * plan.spec().hiddenSize()
            * plan.config().compute().precision().bytes()
            / device.linkBandwidth();
    List<StageCost> costs = new ArrayList<>();
    for (StageSummary stage : plan.stages()) {
      MeasuredModules measured = device.modules();
      costs.add(
          measured == null
              ? byRates(plan, device, stage, move)
              : byMeasurement(plan, measured, stage, move));
    }
    return new CostModel(costs);
  }

  /**
   * By the operations of a stage, its share of the cost of all, and its weights and gradients on
   * their way through memory, which is why a microbatch should not be small.
   */
  private static StageCost byRates(
      TrainingPlan plan, DeviceProfile device, StageSummary stage, double move) {
    Precision precision = plan.config().compute().precision();
    double rate = device.flops(precision) * plan.costOfOperation();
    double read = (double) stage.parameters() * precision.bytes() / device.memoryBandwidth();
    double add = 2.0 * stage.parameters() * Float.BYTES / device.memoryBandwidth();
    double forward = plan.forwardCost(stage.modules()) / rate + read;
    double again = plan.forwardCost(recomputed(plan, stage)) / rate;
    double half = plan.backwardCost(stage.modules()) / 2 / rate;
    double input = again + half + read;
    double weight = plan.lora() == null ? half + add : 0; // frozen weights have no gradient
    return new StageCost(forward, input, weight, input + weight, move, move);
  }

  private static StageCost byMeasurement(
      TrainingPlan plan, MeasuredModules measured, StageSummary stage, double move) {
    double forward = 0;
    double input = 0;
    double weight = 0;
    List<String> recomputed = LayerPart.halved(recomputed(plan, stage));
    for (String module : LayerPart.halved(stage.modules())) {
      ModuleTime time = measured.of(plan, module);
      forward += time.forward();
      input += time.input() + (recomputed.contains(module) ? time.forward() : 0);
      weight += time.weight();
    }
    return new StageCost(forward, input, weight, input + weight, move, move);
  }

  /** The layers that run again in the backward pass. */
  private static List<String> recomputed(TrainingPlan plan, StageSummary stage) {
    return stage.modules().stream()
        .filter(module -> LayerPart.of(module) != null)
        .limit(plan.config().compute().recompute().layersPerStage())
        .toList();
  }

  /** The whole step. */
  public double seconds() {
    return pipelineSeconds + reductionSeconds + optimizerSeconds;
  }

  /** Over all replicas. */
  public double tokensPerSecond() {
    return tokens / seconds();
  }

  /** The share of the pipeline steps in which a rank computes nothing, over all ranks. */
  public double bubble() {
    return simulation.bubbleFraction();
  }
}
