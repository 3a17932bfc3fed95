package dev.penstock.examples.bench;

import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.plan.Forecast;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.StepForecast;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Simulation;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.train.MeasuredDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts the reports of the ranks together as one line. */
final class BenchReport {
  /** Steps that warm the JVM up. */
  private static final int WARM_UP = 2;

  /** What a JVM with the native libraries and without Spark takes beside tensors. */
  private static final long PROCESS_BYTES = 410_000_000L;

  private BenchReport() {}

  static Map<String, Object> of(BenchShape shape, String transport, List<RankReport> ranks)
      throws IOException {
    double step = medianStep(ranks.get(ranks.size() - 1).stepSeconds());
    double begin = ranks.stream().mapToDouble(RankReport::firstBegin).min().orElse(0);
    double end = ranks.stream().mapToDouble(RankReport::lastEnd).max().orElse(0);
    double span = (end - begin) / 1e3;
    double busy = ranks.stream().mapToDouble(RankReport::busySeconds).sum();
    Simulation planned = planned(shape, ranks);
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("transport", transport);
    report.put("schedule", shape.schedule);
    report.put("pp", shape.ppSize);
    report.put("shape", shape.flags());
    report.put("step_s", step);
    report.put("tok_s", shape.rows() * shape.seq / step);
    report.put("busy_s", ranks.stream().map(RankReport::busySeconds).toList());
    report.put("idle_s", ranks.stream().map(rank -> span - rank.busySeconds()).toList());
    report.put("comm_s", ranks.stream().map(RankReport::communicationSeconds).toList());
    report.put("idle_planned_s", planned.idle().stream().map(idle -> idle / 1e3).toList());
    report.put("pipeline_s", span);
    report.put("planned_pipeline_s", planned.makespan() / 1e3);
    report.put("bubble_planned", planned.bubbleFraction());
    report.put("bubble_measured", 1 - busy / (span * ranks.size()));
    report.put("action_ms", ranks.stream().map(RankReport::actionMillis).toList());
    report.put(
        "processor_s",
        ranks.stream().map(rank -> median(rank.processorSeconds())).collect(Collectors.toList()));
    report.put("rss_mb", ranks.stream().map(RankReport::peakMb).toList());
    report.put("expected_mb", expectedMb(shape));
    report.put("losses", ranks.get(0).losses());
    return report;
  }

  /**
   * Adds what the machine can do, measured now, and how much of it the training was.
   *
   * @param report has {@code tok_s}
   */
  static void addMachine(Map<String, Object> report, BenchShape shape)
      throws IOException, InterruptedException {
    MatrixRates rates = new MatrixRates(TrainingPlan.of(shape.config(model(shape))).spec(), shape);
    double peak = rates.peak();
    double reached = rates.operationsOfToken() * (double) report.get("tok_s") / 1e9;
    report.put("processor", Machine.processor());
    report.put("kernels", Machine.kernels());
    report.put("peak_gflops", peak);
    report.put("model_gflops", reached);
    report.put("peak_share", reached / (peak * shape.ppSize));
    StepForecast expected = expected(shape);
    report.put("expected_step_s", expected.seconds());
    report.put(
        "expected_processor_s",
        expected.simulation().busy().stream()
            .map(busy -> busy + expected.optimizerSeconds())
            .toList());
  }

  /** The step as explain expects it by what the modules take now, one rank alone. */
  private static StepForecast expected(BenchShape shape) throws IOException {
    TrainingPlan plan = TrainingPlan.of(shape.config(model(shape)));
    DeviceProfile device = MeasuredDevice.cpu(plan, shape.threads, Long.MAX_VALUE);
    return Forecast.of(plan, device, new Forecast.Extras(null, false)).step();
  }

  private static String model(BenchShape shape) throws IOException {
    return shape.model == null
        ? shape.modelConfig()
        : Files.readString(Path.of(shape.model, "config.json"));
  }

  /** What the process of each rank is expected to take, one of its own. */
  private static List<Double> expectedMb(BenchShape shape) throws IOException {
    return MemoryEstimate.of(TrainingPlan.of(shape.config(model(shape)))).stream()
        .map(rank -> (rank.totalBytes() + PROCESS_BYTES) / (double) (1 << 20))
        .toList();
  }

  /** How long the last step had to take, given what each of its actions took. */
  private static Simulation planned(BenchShape shape, List<RankReport> ranks) throws IOException {
    PipelineSchedule schedule = TrainingPlan.of(shape.config(model(shape))).schedule();
    List<TimelineSpan> spans = ranks.stream().flatMap(rank -> rank.spans().stream()).toList();
    return Simulator.simulate(
        Lowering.lower(schedule), CostModel.measured(schedule.numStages(), spans));
  }

  /** The median step, without those that warm up. */
  static double medianStep(List<Double> seconds) {
    return Medians.of(warm(seconds));
  }

  private static @Nullable Double median(List<Double> seconds) {
    return seconds.isEmpty() ? null : (Double) medianStep(seconds);
  }

  /** The steps after those that warm up. */
  static List<Double> warm(List<Double> seconds) {
    return seconds.subList(Math.min(WARM_UP, seconds.size() - 1), seconds.size());
  }
}
