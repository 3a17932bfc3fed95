package dev.penstock.spark.explain;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.plan.Forecast;
import dev.penstock.engine.plan.Layout;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.StageSummary;
import dev.penstock.engine.plan.StepForecast;
import dev.penstock.engine.schedule.draw.ScheduleDrawing;
import dev.penstock.spark.progress.StageTable;
import java.util.List;
import java.util.Locale;

/** An explanation for a terminal. */
final class ExplanationText {
  private static final int WIDTH = 96;
  private static final double GIGA = 1e9;

  private final Explanation explanation;
  private final Forecast forecast;
  private final StringBuilder text = new StringBuilder();

  ExplanationText(Explanation explanation) {
    this.explanation = explanation;
    forecast = explanation.forecast();
  }

  String draw() {
    layout();
    stages();
    schedule();
    memory();
    step();
    warnings();
    change();
    suggestions();
    return text.toString();
  }

  private void layout() {
    TrainingConfig config = forecast.plan().config();
    BatchConfig batch = config.batch();
    Layout layout = Layout.of(config);
    line(
        "Layout    %s x %s = %s (%s), %s",
        counted(layout.parallel().ppSize(), "pipeline rank"),
        counted(layout.parallel().dpSize(), "replica"),
        counted(layout.parallel().worldSize(), "device"),
        forecast.device().name(),
        layout.precision());
    line(
        "Schedule  %s, %s, %s of %d x %,d tokens, %s a step",
        forecast.plan().schedule().name(),
        counted(forecast.plan().schedule().numStages(), "stage"),
        counted(config.numMicrobatches(), "microbatch"),
        layout.microbatchSize(),
        batch.seqLength(),
        counted(batch.accumulationSteps(layout.parallel()), "pipeline step"));
    line(
        "Step      %s, %,d tokens; recompute %s; moments %s",
        counted(batch.globalBatchSize(), "sequence"),
        forecast.step().tokens(),
        layout.recompute(),
        layout.shardState() ? "shared out to the replicas" : "whole on each replica");
    line("Data      %s", explanation.rows().described());
  }

  private void stages() {
    long parameters = forecast.plan().stages().stream().mapToLong(StageSummary::parameters).sum();
    line("");
    line("Stages: %s%s", count(parameters), forecast.plan().lora() == null ? "" : ", and adapters");
    StageTable.draw(forecast.plan().stages()).lines().forEach(row -> line("%s", cut(row)));
  }

  private void schedule() {
    line("");
    line(
        "One pipeline step, %s; bubble %.1f %%. Forward, Backward or its halves Input and Weight:",
        seconds(forecast.step().simulation().makespan()), 100 * forecast.step().bubble());
    text.append(ScheduleDrawing.strip(forecast.timeline(), WIDTH));
  }

  private void memory() {
    DeviceProfile device = forecast.device();
    line("");
    line(
        "Memory of each rank in GB, of %.1f GB of %s:",
        device.memoryBytes() / GIGA, device.isGpu() ? "its device" : "this host");
    line(
        "rank  weights  gradients  moments  activations  logits  %s   total",
        device.isGpu() ? "context  (host)" : "checkpoint  process");
    for (MemoryEstimate rank : forecast.memory()) {
      String common =
          String.format(
              Locale.ROOT,
              "%4d  %7.2f  %9.2f  %7.2f  %11.2f  %6.2f",
              rank.ppRank(),
              rank.weightBytes() / GIGA,
              rank.gradientBytes() / GIGA,
              rank.momentBytes() / GIGA,
              rank.activationBytes() / GIGA,
              rank.logitBytes() / GIGA);
      line(
          device.isGpu() ? "%s  %7.2f  %6.2f  %6.2f%s" : "%s  %10.2f  %7.2f  %6.2f%s",
          common,
          device.isGpu() ? Forecast.GPU_CONTEXT_BYTES / GIGA : rank.checkpointBytes() / GIGA,
          device.isGpu() ? Forecast.hostBytes(rank) / GIGA : MemoryEstimate.PROCESS_BYTES / GIGA,
          forecast.rankBytes(rank) / GIGA,
          forecast.rankBytes(rank) > device.memoryBytes() ? "  does not fit" : "");
    }
  }

  private void step() {
    StepForecast step = forecast.step();
    DeviceProfile device = forecast.device();
    line("");
    line(
        "Time of a step: %s, %,.0f tokens/s: passes %s, sums over replicas %s, update %s",
        seconds(step.seconds()),
        step.tokensPerSecond(),
        seconds(step.pipelineSeconds()),
        seconds(step.reductionSeconds()),
        seconds(step.optimizerSeconds()));
    Precision precision = forecast.plan().config().compute().precision();
    String rate = flops(device.peakFlops(precision));
    line(
        "  if %s, %,.0f GB/s of memory, %,.0f GB/s a link",
        device.modules() == null
            ? String.format(
                Locale.ROOT,
                "a rank reaches %.0f %% of %s (%s)",
                100 * device.shareReached(precision),
                rate,
                device.source())
            : "modules take what they took here just now, products at up to " + rate,
        device.memoryBandwidth() / GIGA,
        device.linkBandwidth() / GIGA);
    DataVolume data = explanation.data();
    if (data != null) {
      line(
          "Data: about %,d tokens%s in a pass (%s)",
          data.tokens(),
          data.rows().isPresent()
              ? String.format(Locale.ROOT, ", %,d rows", data.rows().getAsLong())
              : "",
          data.source());
    }
    Integer epochs = forecast.plan().config().steps().numEpochs();
    if (explanation.run().isEmpty()) {
      line(
          "Run: %s of the data; a million tokens take %s",
          counted(epochs == null ? 1 : epochs, "pass"), duration(1e6 / step.tokensPerSecond()));
      return;
    }
    ExpectedRun run = explanation.run().get();
    line(
        "Run: %,d steps%s, %,d tokens, %s",
        run.steps(), run.atMost() ? " at most" : "", run.tokens(), duration(run.seconds()));
  }

  private void warnings() {
    line("");
    if (explanation.warnings().isEmpty()) {
      line("Nothing stands out.");
    }
    int number = 1;
    for (Warning warning : explanation.warnings()) {
      wrapped(String.format(Locale.ROOT, "%d. ", number++), List.of(warning.text().split(" ", -1)));
    }
  }

  private void change() {
    if (explanation.change().isPresent()) {
      line("The change that would help most:");
      other(explanation.change().get());
    } else if (!forecast.fits()) {
      line("No single change makes it fit: --suggest with more --devices looks for several.");
    }
  }

  private void suggestions() {
    List<Forecast> suggestions = explanation.suggestions();
    if (suggestions == null) {
      return;
    }
    line("");
    line(suggestions.isEmpty() ? "No layout of so many devices fits." : "Layouts, fastest first:");
    suggestions.forEach(this::other);
  }

  private void other(Forecast other) {
    line(
        "  %,.0f tokens/s, bubble %.1f %%, %.1f GB on the fullest of %d ranks",
        other.step().tokensPerSecond(),
        100 * other.step().bubble(),
        other.rankBytes(other.fullest()) / GIGA,
        other.plan().config().parallel().worldSize());
    Layout now = Layout.of(forecast.plan().config());
    List<String> flags =
        LayoutFlags.of(now, Layout.of(other.plan().config())).entrySet().stream()
            .map(flag -> "--" + flag.getKey() + " " + flag.getValue())
            .toList();
    wrapped("    ", flags.isEmpty() ? List.of("as it is") : flags);
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** Breaks between words, the lines after the first indented as far as the first's text. */
  private void wrapped(String label, List<String> words) {
    StringBuilder row = new StringBuilder(label);
    boolean begun = false;
    for (String word : words) {
      if (begun && row.length() + 1 + word.length() > WIDTH) {
        text.append(row).append('\n');
        row = new StringBuilder(" ".repeat(label.length()));
        begun = false;
      }
      row.append(begun ? " " : "").append(word);
      begun = true;
    }
    text.append(row).append('\n');
  }

  private static String cut(String row) {
    return row.length() <= WIDTH ? row : row.substring(0, WIDTH - 3) + "...";
  }

  private static String counted(int number, String name) {
    return String.format(
        Locale.ROOT,
        "%,d %s%s",
        number,
        name,
        number == 1 ? "" : name.matches(".*(s|ch)") ? "es" : "s");
  }

  private static String count(long parameters) {
    return parameters < GIGA
        ? String.format(Locale.ROOT, "%.1f million parameters", parameters / 1e6)
        : String.format(Locale.ROOT, "%.2f billion parameters", parameters / GIGA);
  }

  private static String flops(double flops) {
    return flops < 1e12
        ? String.format(Locale.ROOT, "%.0f GFLOP/s", flops / GIGA)
        : String.format(Locale.ROOT, "%.0f TFLOP/s", flops / 1e12);
  }

  private static String seconds(double seconds) {
    if (seconds < 0.1) {
      return String.format(Locale.ROOT, "%.0f ms", 1e3 * seconds);
    }
    return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%,.0f s", seconds);
  }

  private static String duration(double seconds) {
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    if (seconds < 7200) {
      return String.format(Locale.ROOT, "%.0f min", seconds / 60);
    }
    double hours = seconds / 3600;
    return hours < 72
        ? String.format(Locale.ROOT, "%.1f h", hours)
        : String.format(Locale.ROOT, "%,.1f days", hours / 24);
  }
}
