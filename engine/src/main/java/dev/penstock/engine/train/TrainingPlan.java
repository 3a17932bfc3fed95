package dev.penstock.engine.train;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.ScheduleGenerator;
import dev.penstock.engine.schedule.Schedules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What follows from a {@link TrainingConfig} before any device is touched: model, schedule and
 * split. The driver makes it to validate and to show it, and every rank makes the same one. Pure
 * Java.
 */
public final class TrainingPlan {
  private final DecoderSpec spec;
  private final PipelineSchedule schedule;
  private final List<List<String>> modulesByStage;

  private TrainingPlan(
      DecoderSpec spec, PipelineSchedule schedule, List<List<String>> modulesByStage) {
    this.spec = spec;
    this.schedule = schedule;
    this.modulesByStage = modulesByStage;
  }

  /**
   * Plans a run.
   *
   * @throws ConfigException if the configuration cannot work
   */
  public static TrainingPlan of(TrainingConfig config) {
    DecoderSpec spec = ModelFamilies.parse(config.modelConfigJson());
    if (config.batch().seqLength() > spec.maxPositions()) {
      throw new ConfigException(
          "seqLength (%d) is greater than the model's max_position_embeddings (%d). Use a shorter seqLength."
              .formatted(config.batch().seqLength(), spec.maxPositions()));
    }
    ScheduleConfig wanted = config.schedule();
    int ppSize = config.parallel().ppSize();
    ScheduleGenerator generator = Schedules.named(wanted.ppSchedule());
    int stagesPerRank = generator.singleStage() ? 1 : 2;
    PipelineSchedule schedule = generator.generate(ppSize, stagesPerRank, config.numMicrobatches());
    return new TrainingPlan(spec, schedule, evenSplit(spec, schedule.numStages()));
  }

  public DecoderSpec spec() {
    return spec;
  }

  /** The compute order of every pipeline rank. */
  public PipelineSchedule schedule() {
    return schedule;
  }

  /** Module names of each stage of a pipeline rank, by stage id. */
  public Map<Integer, List<String>> modulesOf(int ppRank) {
    Map<Integer, List<String>> modules = new TreeMap<>();
    for (int stage : schedule.placement().stagesOf(ppRank)) {
      modules.put(stage, modulesByStage.get(stage));
    }
    return modules;
  }

  /** Pipeline rank of the first stage: it reads the rows. */
  public int firstStageRank() {
    return schedule.placement().rankOf(0);
  }

  /** Pipeline rank of the last stage: it knows the loss. */
  public int lastStageRank() {
    return schedule.placement().rankOf(schedule.numStages() - 1);
  }

  /** One row a stage. */
  public List<StageSummary> stages() {
    DecoderTensors tensors = new DecoderTensors(spec);
    List<Long> counts = new ArrayList<>();
    for (List<String> modules : modulesByStage) {
      counts.add(
          modules.stream()
              .flatMap(module -> tensors.of(module).stream())
              .distinct()
              .mapToLong(TensorShape::numel)
              .sum());
    }
    double total = counts.stream().mapToLong(Long::longValue).sum();
    List<StageSummary> stages = new ArrayList<>();
    for (int stage = 0; stage < counts.size(); stage++) {
      stages.add(
          new StageSummary(
              stage,
              schedule.placement().rankOf(stage),
              modulesByStage.get(stage),
              counts.get(stage),
              counts.get(stage) / total));
    }
    return List.copyOf(stages);
  }

  private static List<List<String>> evenSplit(DecoderSpec spec, int numStages) {
    int layers = spec.numLayers();
    if (numStages > layers) {
      throw new ConfigException(
          "Number of stages (%d) cannot exceed number of layers (%d)."
              .formatted(numStages, layers));
    }
    List<List<String>> split = new ArrayList<>();
    int layer = 0;
    for (int stage = 0; stage < numStages; stage++) {
      List<String> modules = new ArrayList<>();
      if (stage == 0) {
        modules.add(DecoderTensors.EMBEDDING);
      }
      int end = layer + layers / numStages + (stage < layers % numStages ? 1 : 0);
      for (; layer < end; layer++) {
        modules.add(DecoderTensors.layerName(layer));
      }
      if (stage == numStages - 1) {
        modules.add(DecoderTensors.FINAL_NORM);
        modules.add(DecoderTensors.HEAD);
      }
      split.add(modules);
    }
    return split;
  }
}
