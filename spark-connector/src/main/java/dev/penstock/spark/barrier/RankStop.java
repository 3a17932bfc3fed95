package dev.penstock.spark.barrier;

import dev.penstock.spark.interop.Decommissioning;
import dev.penstock.spark.progress.StepProgress;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the ranks of a job to end after the step that they are in, with a checkpoint, once there is
 * a reason: one of their executors is decommissioned, or the fit has one of its own. Used by the
 * thread that waits for the job.
 */
final class RankStop {
  private static final Logger log = LoggerFactory.getLogger(RankStop.class);

  private final SparkContext context;
  private final RunSpec spec;
  private final GangListener listener;
  private final StepProgress progress;
  private final Supplier<@Nullable String> wanted;
  private boolean told;

  /**
   * @param wanted the fit's reason; null while it has none
   */
  RankStop(
      SparkContext context,
      RunSpec spec,
      GangListener listener,
      StepProgress progress,
      Supplier<@Nullable String> wanted) {
    this.context = context;
    this.spec = spec;
    this.listener = listener;
    this.progress = progress;
    this.wanted = wanted;
  }

  /** Called now and again while the ranks run. */
  void poll() {
    if (told || spec.checkpoints() == null) {
      return; // without checkpoints all would be lost that can still be saved
    }
    String reason = reason();
    if (reason == null) {
      return;
    }
    told = true;
    progress.tell("the ranks end after this step, with a checkpoint: " + reason);
    try {
      new StopMarker(spec.folders().failures(), context.hadoopConfiguration()).set();
    } catch (IOException e) {
      log.warn("Cannot tell the ranks to end, though {}", reason, e);
    }
  }

  private @Nullable String reason() {
    for (String executor : listener.executors()) {
      if (Decommissioning.isLeaving(context, executor)) {
        return "executor %s is decommissioned".formatted(executor);
      }
    }
    return wanted.get();
  }
}
