package dev.penstock.examples.bench;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.ScheduleValidator;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.train.PhaseClock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times the planning of a run as ranks and microbatches grow: the plan with its cut by cost, the
 * lowering, the validation and the simulation of its schedule. Loads no native library.
 */
@Command(name = "planning-bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class PlanningBench extends BenchCommand {
  private static final int LAYERS_PER_RANK = 4;

  @Option(names = "--schedule", description = "schedule name (default: ${DEFAULT-VALUE})")
  private String schedule = "1F1B";

  @Option(names = "--pp", split = ",", description = "ranks (default: ${DEFAULT-VALUE})")
  private List<Integer> ppSizes = List.of(2, 4, 8, 16, 32, 64);

  @Option(names = "--n-mb", split = ",", description = "microbatches (default: ${DEFAULT-VALUE})")
  private List<Integer> microbatches = List.of(128, 256, 512);

  @Option(names = "--repeat", description = "times each is planned (default: ${DEFAULT-VALUE})")
  private int repeat = 5;

  PlanningBench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new PlanningBench()).execute(args));
  }

  @Override
  Map<String, Object> measure() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int ppSize : ppSizes) {
      for (int count : microbatches) {
        rows.add(measure(ppSize, count));
      }
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("schedule", schedule);
    report.put("rows", rows);
    return report;
  }

  private Map<String, Object> measure(int ppSize, int numMicrobatches) {
    TrainingConfig config = config(ppSize, numMicrobatches);
    Map<String, List<Double>> seconds = new TreeMap<>();
    long actions = 0;
    for (int i = 0; i < repeat; i++) {
      PhaseClock clock = new PhaseClock();
      clock.begin("plan_ms");
      PipelineSchedule order = TrainingPlan.of(config).schedule();
      clock.begin("lower_ms");
      PipelineSchedule lowered = Lowering.lower(order);
      clock.begin("validate_ms");
      ScheduleValidator.validate(lowered);
      clock.begin("simulate_ms");
      Simulator.simulate(lowered, CostModel.unit(lowered.numStages()));
      clock
          .stop()
          .forEach(
              (phase, time) -> seconds.computeIfAbsent(phase, p -> new ArrayList<>()).add(time));
      actions = lowered.ranks().stream().mapToLong(List::size).sum();
    }
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("pp", ppSize);
    row.put("n_mb", numMicrobatches);
    row.put("actions", actions);
    row.put("first_ms", 1e3 * seconds.values().stream().mapToDouble(all -> all.get(0)).sum());
    seconds.forEach((phase, all) -> row.put(phase, 1e3 * Medians.of(all)));
    return row;
  }

  private TrainingConfig config(int ppSize, int numMicrobatches) {
    BenchShape shape = new BenchShape();
    shape.layers = LAYERS_PER_RANK * ppSize;
    return new TrainingConfig(
        shape.modelConfig(),
        new ParallelConfig(ppSize, 1),
        new BatchConfig(numMicrobatches, 1, shape.seq),
        new ScheduleConfig(schedule, null, null, null, "cost", List.of()),
        OptimizerConfig.adamW(shape.learningRate),
        LrScheduleConfig.constant(),
        1,
        0);
  }
}
