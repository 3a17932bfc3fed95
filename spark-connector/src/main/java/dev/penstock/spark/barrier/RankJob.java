package dev.penstock.spark.barrier;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.train.RankResult;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.interop.BarrierRdd;
import dev.penstock.spark.interop.TaskProfile;
import dev.penstock.spark.progress.RunReports;
import dev.penstock.spark.progress.StepListener;
import dev.penstock.spark.progress.StepProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One barrier job in which each task is a rank. Its only Spark stage yields the result, so the
 * failure of a task ends the job: Spark does not retry it.
 */
public final class RankJob {
  private static final Logger log = LoggerFactory.getLogger(RankJob.class);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final JavaSparkContext spark;
  private final TaskProfile profile;
  private final RunSpec spec;
  private final IntFunction<String> stagesOf;

  /**
   * @param profile what each rank takes of its executor
   * @param stagesOf the stages of a rank, for messages
   */
  public RankJob(TaskProfile profile, RunSpec spec, IntFunction<String> stagesOf) {
    this.spark = JavaSparkContext.fromSparkContext(profile.context());
    this.profile = profile;
    this.spec = spec;
    this.stagesOf = stagesOf;
  }

  /**
   * Runs the ranks to the end.
   *
   * @param progress hears of the steps while they are taken
   * @param resourceTimeout longest until all ranks run
   * @param excused while true, waiting for that does not count
   * @param whileRunning called now and again once all ranks run; what it throws ends them
   * @param wantsStop why the ranks are to end after the step that they are in, with a checkpoint,
   *     where they make any; null: they are not
   * @return in rank order; they say whether they were stopped
   * @throws TrainingFailedException naming the first cause
   */
  public List<RankResult> run(
      StepProgress progress,
      Duration resourceTimeout,
      BooleanSupplier excused,
      Runnable whileRunning,
      Supplier<@Nullable String> wantsStop) {
    int ranks = spec.config().parallel().worldSize();
    RunReports reports = RunReports.register(spark.sc(), spec.runId());
    StepListener stepListener = new StepListener(reports, progress);
    GangListener gangListener = new GangListener(spec.runId());
    Broadcast<SerializableConfiguration> conf =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    openFailures();
    RankTask task = new RankTask(spec, spark.isLocal(), conf, reports);
    spark.sc().addSparkListener(stepListener);
    spark.sc().addSparkListener(gangListener);
    try {
      List<Integer> elements = IntStream.range(0, ranks).boxed().toList();
      JavaRDD<byte[]> results =
          profile.of(BarrierRdd.of(spark.parallelize(elements, ranks).mapPartitions(task)));
      TaskLaunch launch =
          new TaskLaunch(
              profile, "start the ranks", ranks, resourceTimeout, excused, progress::tell);
      RankStop stop = new RankStop(spark.sc(), spec, gangListener, progress, wantsStop);
      Runnable polled =
          () -> {
            whileRunning.run();
            stop.poll();
          };
      return take(launch.await(results.collectAsync(), gangListener::started, polled));
    } catch (ConfigException | TrainingFailedException e) {
      awaitEnd(gangListener);
      deliverLast(progress);
      throw e;
    } catch (Exception e) {
      TrainingFailedException failure = failure(e, gangListener);
      awaitEnd(gangListener);
      deliverLast(progress);
      throw failure;
    } finally {
      // An interrupt would leave Spark's queue of listeners half ended, and the next fit waiting.
      Uninterrupted.run(
          "penstock-listeners",
          () -> {
            spark.sc().removeSparkListener(stepListener);
            spark.sc().removeSparkListener(gangListener);
          });
    }
  }

  private List<RankResult> take(List<byte[]> receipts) throws IOException {
    ResultFiles files = new ResultFiles(spec.folders().results(), spark.hadoopConfiguration());
    List<RankResult> ranks = new ArrayList<>();
    for (byte[] receipt : receipts) {
      ranks.add(files.take(receipt));
    }
    ranks.sort(Comparator.comparingInt(RankResult::rank));
    return ranks;
  }

  /**
   * Spark ends a job before its tasks: waits for the ranks to leave, for they still write into the
   * folders that the caller is about to clear. Not for ever: a rank may be stuck or lost.
   */
  private static void awaitEnd(GangListener listener) {
    boolean interrupted = Thread.interrupted();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (listener.running() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL_NANOS);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets the user see how far the run came. */
  private void deliverLast(StepProgress progress) {
    try {
      LastReports.read(HadoopFolder.of(spec.folders().failures(), spark.hadoopConfiguration()))
          .ifPresent(last -> progress.accept(last.steps(), last.validations()));
    } catch (IOException | RuntimeException e) {
      log.warn("Cannot read the last steps of a run that failed", e);
    }
  }

  private TrainingFailedException failure(Exception error, GangListener listener) {
    if (error instanceof InterruptedException) {
      return TrainingFailedException.interrupted(error);
    }
    String sparkMessage = String.valueOf(error.getMessage());
    if (TrainingFailedException.tellsOfCancelling(sparkMessage)) {
      return TrainingFailedException.cancelled(error);
    }
    Optional<RankFailure> cause = firstCause(listener);
    if (cause.isEmpty()) {
      String told = RankFailure.words(sparkMessage);
      return new TrainingFailedException("Training failed: " + told, error, false);
    }
    RankFailure failure = cause.get();
    if (failure.where().equals(RankFailure.UNKNOWN)) {
      failure = failure.at(listener.place(failure.rank()));
    }
    if (!failure.stackTrace().isEmpty()) {
      log.error("Rank {} failed first:\n{}", failure.rank(), failure.stackTrace());
    }
    return new TrainingFailedException(
        String.format(
            Locale.ROOT,
            "Training failed. First cause: rank %d (%s, %s): %s",
            failure.rank(),
            stagesOf.apply(failure.rank()),
            failure.where(),
            failure.error()),
        error,
        failure.passing());
  }

  private void openFailures() {
    try {
      failures().open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FailureFiles failures() throws IOException {
    return new FailureFiles(spec.folders().failures(), spark.hadoopConfiguration());
  }

  private Optional<RankFailure> firstCause(GangListener listener) {
    try {
      return new FirstCause(failures(), listener, spec.config().parallel().worldSize())
          .await(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
