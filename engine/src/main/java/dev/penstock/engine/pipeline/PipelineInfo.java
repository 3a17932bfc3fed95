package dev.penstock.engine.pipeline;

import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.split.StageDescription;
import dev.penstock.engine.split.StageReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a rank holds of a pipeline: the counterpart of the reference's PipelineInfo and of its
 * methods that describe stages, in its formats.
 *
 * @param ppSize pipeline ranks
 * @param schedule the schedule's name
 * @param numMicrobatches microbatches of a step
 * @param hasFirstStage whether the rank has the first stage
 * @param hasLastStage whether the rank has the last stage
 * @param stages the rank's stages, by stage id
 */
public record PipelineInfo(
    int ppSize,
    String schedule,
    int numMicrobatches,
    boolean hasFirstStage,
    boolean hasLastStage,
    List<StageDescription> stages) {
  public PipelineInfo {
    stages = List.copyOf(stages);
  }

  static PipelineInfo of(PipelineSchedule schedule, Map<Integer, StageModule> stages) {
    int last = schedule.numStages() - 1;
    List<StageDescription> descriptions = new ArrayList<>();
    new TreeMap<>(stages)
        .forEach((id, stage) -> descriptions.add(describe(stage, id == 0, id == last)));
    return new PipelineInfo(
        schedule.ppSize(),
        schedule.name(),
        schedule.numMicrobatches(),
        stages.containsKey(0),
        stages.containsKey(last),
        descriptions);
  }

  private static StageDescription describe(StageModule stage, boolean first, boolean last) {
    List<Parameter> parameters = stage.parameters();
    List<String> modules =
        parameters.stream()
            .map(Parameter::name)
            .map(name -> name.substring(0, Math.max(0, name.lastIndexOf('.'))))
            .filter(name -> !name.isEmpty())
            .distinct()
            .toList();
    return new StageDescription(
        first,
        last,
        StageDescription.withParents(modules),
        parameters.stream().mapToLong(Parameter::numel).sum(),
        parameters.stream().filter(Parameter::trainable).mapToLong(Parameter::numel).sum());
  }

  /** Every module of each stage that has parameters, parents before their children. */
  public List<List<String>> listStageModules() {
    return stages.stream().map(StageDescription::moduleNames).toList();
  }

  /** Parameters of each stage. */
  public List<Long> getStageParamCounts(boolean trainableOnly) {
    return stages.stream()
        .map(stage -> trainableOnly ? stage.trainableParameters() : stage.parameters())
        .toList();
  }

  /** Parameters of all the rank's stages. */
  public long getTotalParamCount(boolean trainableOnly) {
    return StageReport.total(stages, trainableOnly);
  }

  /** The layout in five lines. */
  public String debugSummary() {
    return StageReport.debugSummary(ppSize, stages, schedule, numMicrobatches);
  }

  /** The modules of each stage, at most {@code maxModules} of each. */
  public String prettyPrintStages(int maxModules) {
    return StageReport.prettyPrintStages(stages, maxModules, false);
  }
}
