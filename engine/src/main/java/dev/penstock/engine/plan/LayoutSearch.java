package dev.penstock.engine.plan;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.schedule.Schedules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for layouts under which a run is faster, or fits at all: the batch and so the numbers stay.
 *
 * @param run the run as it is
 * @param device of each rank
 * @param extras what it has beside
 */
public record LayoutSearch(TrainingConfig run, DeviceProfile device, Forecast.Extras extras) {
  private static final int[] MICROBATCH_SIZES = {1, 2, 4, 8};

  /** Stages of a rank that are tried where a schedule has several. */
  private static final int[] STAGES_PER_RANK = {2, 4};

  /** More hide the bubble no better, and take long to simulate. */
  private static final int MOST_MICROBATCHES = 64;

  /** How much more of a model's ranks are tried for one that does not fit. */
  private static final int MOST_RANKS = 64;

  /** What is gained less than that is not worth a change. */
  private static final double LEAST_GAIN = 1.03;

  private static final Comparator<Forecast> FASTEST =
      Comparator.comparingDouble(forecast -> forecast.step().seconds());

  /**
   * The best layouts of so many devices that fit them, the fastest first; of one number of ranks
   * and replicas and one schedule the best alone.
   *
   * @param devices ranks in all
   * @param count how many are wanted at most
   */
  public List<Forecast> best(int devices, int count) {
    List<Forecast> found = new ArrayList<>();
    for (int ppSize = 1; ppSize <= devices; ppSize++) {
      if (devices % ppSize == 0) {
        ParallelConfig parallel = new ParallelConfig(ppSize, devices / ppSize);
        for (String schedule : schedules(ppSize)) {
          microbatches(parallel, schedule).min(FASTEST).ifPresent(found::add);
        }
      }
    }
    return found.stream().sorted(FASTEST).limit(count).toList();
  }

  /**
   * The one change that helps most: for a run that fits the one that makes it fastest, else the
   * fastest of those that make it fit, with more ranks where nothing else does. Empty: none is
   * worth it, or none is enough.
   */
  public Optional<Forecast> bestChange(Forecast now) {
    Layout layout = Layout.of(run);
    Optional<Forecast> best =
        changes(layout).flatMap(change -> forecast(change).stream()).min(FASTEST);
    if (now.fits()) {
      return best.filter(it -> it.step().seconds() * LEAST_GAIN < now.step().seconds());
    }
    for (int factor = 2; best.isEmpty() && factor <= MOST_RANKS; factor *= 2) {
      ParallelConfig parallel = layout.parallel();
      best =
          forecast(
              layout.withParallel(
                  new ParallelConfig(parallel.ppSize() * factor, parallel.dpSize())));
    }
    return best;
  }

  private Stream<Layout> changes(Layout layout) {
    List<Layout> changes = new ArrayList<>();
    for (String schedule : schedules(layout.parallel().ppSize())) {
      changes.add(layout.withSchedule(schedule(schedule)));
    }
    for (int rows : MICROBATCH_SIZES) {
      changes.add(layout.withMicrobatchSize(rows));
    }
    if (layout.localBatchSize() != null) {
      changes.add(layout.withLocalBatchSize(localBatchSize(layout)));
    }
    changes.add(layout.withRecompute(Recompute.FULL));
    changes.add(layout.withRecompute(Recompute.NONE));
    if (layout.parallel().dpSize() > 1) {
      changes.add(layout.withShardState(true));
    }
    if (device.isGpu()) {
      changes.add(layout.withPrecision(Precision.BFLOAT16));
    }
    return changes.stream().filter(change -> !change.equals(layout));
  }

  private Stream<Forecast> microbatches(ParallelConfig parallel, String schedule) {
    Layout layout =
        Layout.of(run)
            .withParallel(parallel)
            .withSchedule(schedule(schedule))
            .withShardState(false)
            .withRecompute(Recompute.NONE);
    return IntStream.of(MICROBATCH_SIZES)
        .mapToObj(layout::withMicrobatchSize)
        .map(sized -> sized.withLocalBatchSize(localBatchSize(sized)))
        .flatMap(this::stagesPerRank)
        .flatMap(sized -> cheapest(sized).stream());
  }

  /** What a layout takes to fit, from what costs no time to what costs most. */
  private Optional<Forecast> cheapest(Layout layout) {
    return Stream.of(
            layout,
            layout.withShardState(true),
            layout.withRecompute(Recompute.FULL),
            layout.withRecompute(Recompute.FULL).withShardState(true))
        .filter(it -> !it.shardState() || it.parallel().dpSize() > 1)
        .flatMap(it -> forecast(it).stream())
        .findFirst();
  }

  private Stream<Layout> stagesPerRank(Layout layout) {
    if (Schedules.named(layout.schedule().ppSchedule()).singleStage()) {
      return Stream.of(layout);
    }
    int layers = TrainingPlan.of(run).spec().numLayers();
    return IntStream.of(STAGES_PER_RANK)
        .filter(stages -> stages * layout.parallel().ppSize() <= layers)
        .mapToObj(
            stages -> {
              int all = stages * layout.parallel().ppSize();
              Integer layersPerStage = stages == 2 ? null : (Integer) ((layers + all - 1) / all);
              ScheduleConfig schedule =
                  new ScheduleConfig(
                      layout.schedule().ppSchedule(),
                      null,
                      layersPerStage,
                      layersPerStage == null ? null : "up",
                      "cost",
                      List.of());
              return layout.withSchedule(schedule);
            });
  }

  /** The forecast of a layout that is possible and fits. */
  private Optional<Forecast> forecast(Layout layout) {
    try {
      TrainingPlan plan = TrainingPlan.of(layout.applyTo(run));
      return Optional.of(Forecast.of(plan, device, extras)).filter(Forecast::fits);
    } catch (ConfigException e) {
      return Optional.empty(); // not every number divides every other
    }
  }

  /**
   * The most rows at once that are few enough microbatches; null: all of the replica's. Without a
   * pipeline nothing is gained by several at once, and recipes cannot say so.
   */
  private @Nullable Integer localBatchSize(Layout layout) {
    if (layout.parallel().ppSize() == 1) {
      return layout.microbatchSize();
    }
    int rows = run.batch().globalBatchSize() / layout.parallel().dpSize();
    int most = Math.min(rows, MOST_MICROBATCHES * layout.microbatchSize());
    for (int local = most; local >= layout.microbatchSize(); local--) {
      if (rows % local == 0 && local % layout.microbatchSize() == 0) {
        return local == rows ? null : (Integer) local;
      }
    }
    return layout.microbatchSize();
  }

  private static List<String> schedules(int ppSize) {
    return ppSize == 1
        ? List.of("1F1B")
        : List.of("1F1B", "Interleaved1F1B", "ZBVZeroBubble", "InterleavedZeroBubble");
  }

  private static ScheduleConfig schedule(String name) {
    return new ScheduleConfig(name, null, null, null, "cost", List.of());
  }
}
