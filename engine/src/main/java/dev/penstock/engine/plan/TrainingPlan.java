package dev.penstock.engine.plan;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LayerPart;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.model.family.LoraTargets;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.ScheduleCsv;
import dev.penstock.engine.schedule.ScheduleGenerator;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.engine.split.ModuleCost;
import dev.penstock.engine.split.PipelineSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a {@link TrainingConfig} before any device is touched: model, schedule and
 * split. The driver makes it to validate and to show it, and every rank makes the same one. Pure
 * Java.
 */
public final class TrainingPlan {
  private final TrainingConfig config;
  private final DecoderSpec spec;
  private final PipelineSchedule schedule;
  private final List<List<String>> modulesByStage;
  private final List<ModuleCost> costs;
  private final double costOfOperation;
  private final @Nullable LoraSpec lora;

  private TrainingPlan(
      TrainingConfig config,
      DecoderSpec spec,
      PipelineSchedule schedule,
      List<List<String>> modulesByStage,
      List<ModuleCost> costs) {
    this.config = config;
    this.spec = spec;
    this.schedule = schedule;
    this.modulesByStage = modulesByStage;
    this.costs = costs;
    costOfOperation =
        costs.stream().mapToDouble(ModuleCost::flops).sum()
            / new DecoderCosts(spec, config.batch()).operations();
    lora = config.lora() == null ? null : LoraTargets.resolve(spec, config.lora(), config.seed());
  }

  /**
   * Plans a run.
   *
   * @throws ConfigException if the configuration cannot work
   */
  public static TrainingPlan of(TrainingConfig config) {
    DecoderSpec spec = spec(config);
    return of(config, spec, new DecoderCosts(spec, config.batch()).parts());
  }

  /**
   * Plans a run whose modules' costs were measured, as the {@code ModuleProfile} of the training
   * room does. Every rank must be given the same costs.
   *
   * @param costs every part of the model, see {@link DecoderTensors#parts}
   */
  public static TrainingPlan of(TrainingConfig config, List<ModuleCost> costs) {
    return of(config, spec(config), costs);
  }

  /** The model as it is trained. */
  private static DecoderSpec spec(TrainingConfig config) {
    DecoderSpec spec = ModelFamilies.parse(config.modelConfigJson());
    Double dropout = config.compute().dropout();
    return dropout == null ? spec : spec.withDropout(spec.dropout().withRate(dropout));
  }

  private static TrainingPlan of(TrainingConfig config, DecoderSpec spec, List<ModuleCost> costs) {
    PipelineSchedule schedule = schedule(spec, config);
    List<List<String>> modules = StageSplit.of(spec, config, schedule, costs);
    return new TrainingPlan(config, spec, schedule, modules, costs);
  }

  private static PipelineSchedule schedule(DecoderSpec spec, TrainingConfig config) {
    ScheduleConfig wanted = config.schedule();
    int ppSize = config.parallel().ppSize();
    String csv = wanted.ppScheduleCsv();
    if (csv != null) {
      PipelineSchedule schedule = ScheduleCsv.parseComputeOnly(csv);
      return ScheduleCsv.parseComputeOnly(
          csv, ppSize, schedule.numStages(), config.numMicrobatches());
    }
    ScheduleGenerator generator = Schedules.named(wanted.ppSchedule());
    List<List<String>> explicit = wanted.moduleNamesPerStage();
    int stagesPerRank =
        explicit.isEmpty()
            ? PipelineSplit.calculateVirtualStages(
                    spec.numLayers(),
                    wanted.layersPerStage(),
                    ppSize,
                    generator.singleStage(),
                    wanted.roundVirtualStagesToPpMultiple())
                .stagesPerRank()
            : stagesPerRank(explicit, ppSize);
    return generator.generate(ppSize, stagesPerRank, config.numMicrobatches());
  }

  private static int stagesPerRank(List<List<String>> explicit, int ppSize) {
    if (explicit.size() % ppSize != 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "moduleNamesPerStage lists %d stages, which must be divisible by ppSize (%d).",
              explicit.size(),
              ppSize));
    }
    return explicit.size() / ppSize;
  }

  /** What was planned. */
  public TrainingConfig config() {
    return config;
  }

  /**
   * Refuses sequences longer than the model was made for. They can be computed, but a run over them
   * is mostly a mistake.
   *
   * @throws ConfigException naming both lengths
   */
  public void checkSeqLength(int seqLength) {
    if (seqLength > spec.maxPositions()) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "seqLength (%d) is greater than the model's max_position_embeddings (%d). Use a shorter seqLength.",
              seqLength,
              spec.maxPositions()));
    }
  }

  public DecoderSpec spec() {
    return spec;
  }

  /** The adapters that are trained, or null. */
  public @Nullable LoraSpec lora() {
    return lora;
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

  /** Module names of a stage. */
  public List<String> modules(int stage) {
    return modulesByStage.get(stage);
  }

  /** What an operation costs, in the mean over all modules: its unit is that of the costs. */
  double costOfOperation() {
    return costOfOperation;
  }

  /** What modules' forward pass of one microbatch costs, in any unit. */
  double forwardCost(List<String> modules) {
    return cost(modules, ModuleCost::forwardFlops);
  }

  /** The same of the backward pass. */
  double backwardCost(List<String> modules) {
    return cost(modules, ModuleCost::backwardFlops);
  }

  private double cost(List<String> modules, ToDoubleFunction<ModuleCost> part) {
    Set<String> parts = Set.copyOf(LayerPart.halved(modules));
    return costs.stream().filter(module -> parts.contains(module.name())).mapToDouble(part).sum();
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
    double total = costs.stream().mapToDouble(ModuleCost::flops).sum();
    List<StageSummary> stages = new ArrayList<>();
    for (int stage = 0; stage < schedule.numStages(); stage++) {
      List<String> modules = modulesByStage.get(stage);
      long parameters =
          modules.stream()
              .flatMap(module -> tensors.of(module).stream())
              .distinct()
              .mapToLong(TensorShape::numel)
              .sum();
      double cost = cost(modules, ModuleCost::flops);
      stages.add(
          new StageSummary(
              stage, schedule.placement().rankOf(stage), modules, parameters, cost / total));
    }
    return List.copyOf(stages);
  }
}
