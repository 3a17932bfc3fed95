package dev.penstock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.ScheduleCsv;
import dev.penstock.engine.schedule.Simulation;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.draw.ScheduleDrawing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Shows what a pipeline schedule would do, without a model: its order, a picture, or its cost if F,
 * I and W cost 1 and B costs 2. {@code bin/schedule-viewer --help} lists the flags.
 */
@Command(
    name = "schedule-viewer",
    mixinStandardHelpOptions = true,
    description = "Shows the order, a picture or the cost of a pipeline schedule.")
public final class ScheduleViewer implements Callable<Integer> {
  /** What to show; the names are the flag's values. */
  enum Format {
    csv,
    text,
    svg,
    png,
    simulation
  }

  @Mixin private ScheduleRequest request;

  @Option(
      names = "--format",
      defaultValue = "text",
      description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(names = "--output", description = "File to write. Default: standard output.")
  private Path output;

  @Option(
      names = "--batch",
      description = "Reads lines of these flags from standard input; answers each in JSON.")
  private boolean batch;

  /** Runs the command line and exits. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new ScheduleViewer())
        .setExecutionExceptionHandler(
            (e, failed, parsed) -> {
              failed.getErr().println(message(e));
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  @Override
  public Integer call() throws IOException {
    if (batch) {
      ScheduleBatch.answer(System.in, System.out);
      return CommandLine.ExitCode.OK;
    }
    byte[] shown = show(request.order());
    if (output == null) {
      System.out.write(shown);
      System.out.flush();
    } else {
      Files.write(output, shown);
    }
    return CommandLine.ExitCode.OK;
  }

  ScheduleRequest request() {
    return request;
  }

  /** What to tell the user about a failure. */
  static String message(Exception e) {
    boolean forUsers = e instanceof ConfigException || e instanceof ParameterException;
    return forUsers ? e.getMessage() : e.toString();
  }

  private byte[] show(PipelineSchedule order) {
    PipelineSchedule shown = request.shown(order);
    CostModel costs = CostModel.unit(order.numStages());
    return switch (format) {
      case csv -> ScheduleCsv.format(shown).getBytes(UTF_8);
      case simulation -> describe(order, Simulator.simulate(order, costs)).getBytes(UTF_8);
      case text -> ScheduleDrawing.text(timeline(shown, costs)).getBytes(UTF_8);
      case svg -> ScheduleDrawing.svg(timeline(shown, costs)).getBytes(UTF_8);
      case png -> ScheduleDrawing.png(timeline(shown, costs));
    };
  }

  private static List<Timeline> timeline(PipelineSchedule schedule, CostModel costs) {
    return List.of(Simulator.timeline(schedule, costs));
  }

  private static String describe(PipelineSchedule order, Simulation simulation) {
    return String.format(
        Locale.ROOT,
        """
        schedule: %s
        ranks: %d
        stages: %s on ranks %s
        microbatches: %d
        makespan: %s
        busy: %s
        idle: %s
        bubble fraction: %s
        peak activations: %s
        steps with communication: %d
        """,
        order.name(),
        order.ppSize(),
        order.numStages(),
        order.placement().stageToRank(),
        order.numMicrobatches(),
        simulation.makespan(),
        simulation.busy(),
        simulation.idle(),
        String.format(Locale.ROOT, "%.6f", simulation.bubbleFraction()),
        simulation.peakActivations(),
        Simulator.countSteps(Lowering.lower(order)));
  }
}
