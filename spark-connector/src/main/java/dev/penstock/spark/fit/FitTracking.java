package dev.penstock.spark.fit;

import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.StepSchedule;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.live.LivePage;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.spark.progress.FitAudience;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.FitListeners;
import dev.penstock.spark.progress.ProgressLines;
import dev.penstock.spark.progress.StepProgress;
import dev.penstock.spark.track.MetricsLog;
import dev.penstock.spark.track.MlflowConfig;
import dev.penstock.spark.track.MlflowLog;
import dev.penstock.spark.track.TensorBoardLog;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who hears of a fit, and what the fit tells them. */
final class FitTracking implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FitTracking.class);

  private final TrainerParams<?> params;
  private final FitListeners listeners = new FitListeners();
  private final StepProgress progress = new StepProgress(listeners);
  private final FitAudience audience;
  private final Optional<RunCheckpoints.Found> from;
  private @Nullable String pageUrl;

  private FitTracking(
      TrainerParams<?> params, FitAudience audience, Optional<RunCheckpoints.Found> from) {
    this.params = params;
    this.audience = audience;
    this.from = from;
  }

  /**
   * Calls together those that the Params and the user name.
   *
   * @param journal folder of metrics.jsonl while the fit runs
   * @param from what the fit goes on from
   */
  static FitTracking start(
      TrainerParams<?> params,
      SparkContext spark,
      FitAudience audience,
      String journal,
      Optional<RunCheckpoints.Found> from)
      throws IOException {
    Configuration conf = spark.hadoopConfiguration();
    FitTracking tracking = new FitTracking(params, audience, from);
    FitListeners listeners = tracking.listeners;
    HadoopFolder earlier = from.isPresent() ? HadoopFolder.of(from.get().folder(), conf) : null;
    boolean validates = params.isDefined(params.validationIndicatorCol());
    listeners.add(
        "metrics log", new MetricsLog(HadoopFolder.of(journal, conf), earlier, validates));
    params
        .<String>valueIfAny(TrainerOption.TENSORBOARD_PATH)
        .ifPresent(path -> listeners.add("TensorBoard log", new TensorBoardLog(path, conf)));
    mlflow(params).ifPresent(config -> listeners.add("MLflow log", new MlflowLog(config, conf)));
    tracking.page(conf);
    audience
        .listeners()
        .forEach(listener -> listeners.add("listener " + nameOf(listener), listener));
    return tracking;
  }

  private static String nameOf(Object listener) {
    return listener.getClass().getSimpleName();
  }

  /** The page, which is left beside the model also where it is not served. */
  private void page(Configuration conf) {
    try {
      LivePage page = new LivePage(conf);
      if (params.getLivePage()) {
        pageUrl = page.serve(params.getLivePageHost(), params.getLivePagePort());
      }
      listeners.add("live page", page);
    } catch (IOException | RuntimeException | LinkageError e) { // a JRE without its HTTP server
      log.warn("There is no live page of this fit (livePage)", e);
    }
  }

  /** The server that a fit is tracked by, if any; checked. */
  static Optional<MlflowConfig> mlflow(TrainerParams<?> params) {
    return params
        .<String>valueIfAny(TrainerOption.MLFLOW_TRACKING_URI)
        .map(
            uri ->
                new MlflowConfig(
                    uri,
                    params.getMlflowExperimentName(),
                    params.<String>valueIfAny(TrainerOption.MLFLOW_RUN_NAME).orElse(null),
                    MlflowConfig.tags(
                        List.of(
                            params
                                .<String[]>valueIfAny(TrainerOption.MLFLOW_TAGS)
                                .orElse(new String[0]))),
                    params.getMlflowLogModel()));
  }

  /** Tells of the plan. */
  void planned(String runId, String modelPath, RunInputs inputs, List<MemoryEstimate> memory) {
    long steps = inputs.numSteps() == StepSchedule.OPEN ? 0 : inputs.numSteps();
    listeners.addDirect(
        "consumer of progress lines",
        new ProgressLines(steps, params.getProgressInterval(), audience));
    listeners.tell(
        new FitEvent.Planned(
            runId,
            from.map(found -> found.newest().identity().run()).orElse(runId),
            modelPath,
            steps,
            params.getValidationInterval(),
            ParamTexts.of(params),
            inputs.plan().stages(),
            memory,
            inputs.plan().schedule()));
    if (pageUrl != null) {
      progress.tell("live page: " + pageUrl);
    }
  }

  /** Hears of what comes while the ranks run. */
  StepProgress progress() {
    return progress;
  }

  void completed(String modelPath, TrainingHistory history, ParallelConfig parallel) {
    listeners.tell(
        new FitEvent.Completed(
            modelPath,
            history.steps(),
            history.validations(),
            history.peakBytesOfPipeline(parallel),
            history.phaseSeconds(),
            history.timelinePath()));
  }

  void failed(Throwable cause) {
    @Nullable String message = cause.getMessage();
    listeners.tell(new FitEvent.Failed(message == null ? cause.toString() : message));
  }

  @Override
  public void close() {
    listeners.close();
  }
}
