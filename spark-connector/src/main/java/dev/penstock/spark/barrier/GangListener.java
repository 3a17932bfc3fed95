package dev.penstock.spark.barrier;

import dev.penstock.spark.interop.GuardedListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;

/** Notes the ranks of one job that could leave no failure of their own. */
final class GangListener extends GuardedListener {
  private static final String JOB_TAGS = "spark.job.tags";

  private final String jobTag;
  private final Set<Integer> sparkStages = ConcurrentHashMap.newKeySet();
  private final List<RankFailure> lost = new ArrayList<>();
  private final List<RankFailure> failed = new ArrayList<>();
  private final Map<Integer, String> places = new HashMap<>();
  private final Set<String> executors = new TreeSet<>();
  private int running;
  private int started;

  GangListener(String jobTag) {
    this.jobTag = jobTag;
  }

  /** Ranks whose executor was lost. */
  synchronized List<RankFailure> lost() {
    return List.copyOf(lost);
  }

  /** Ranks whose task threw, as Spark tells it; those that did so before they began among them. */
  synchronized List<RankFailure> failed() {
    return List.copyOf(failed);
  }

  @Override
  protected void stageSubmitted(SparkListenerStageSubmitted event) {
    String tags = event.properties() == null ? null : event.properties().getProperty(JOB_TAGS);
    if (tags != null && List.of(tags.split(",")).contains(jobTag)) {
      sparkStages.add(event.stageInfo().stageId());
    }
  }

  /** Tasks of the gang that were started and have not ended. */
  synchronized int running() {
    return running;
  }

  private static String place(TaskInfo task) {
    return "executor %s on %s".formatted(task.executorId(), task.host());
  }

  /** Executor and host of a rank. */
  synchronized String place(int rank) {
    return places.getOrDefault(rank, "executor unknown");
  }

  /** The executors that tasks of the gang were started on. */
  synchronized Set<String> executors() {
    return Set.copyOf(executors);
  }

  /** Tasks of the gang that were ever started. */
  synchronized int started() {
    return started;
  }

  @Override
  protected synchronized void taskStarted(SparkListenerTaskStart event) {
    if (sparkStages.contains(event.stageId())) {
      started++;
      places.put(event.taskInfo().partitionId(), place(event.taskInfo()));
      executors.add(event.taskInfo().executorId());
      running++;
    }
  }

  @Override
  protected synchronized void taskEnded(SparkListenerTaskEnd event) {
    if (!sparkStages.contains(event.stageId())) {
      return;
    }
    running--;
    if (!(event.reason() instanceof TaskFailedReason reason)) {
      return;
    }
    RankFailure failure =
        RankFailure.reported(
            event.taskInfo().partitionId(),
            place(event.taskInfo()),
            reason instanceof ExecutorLostFailure,
            reason.toErrorString());
    if (reason instanceof ExecutorLostFailure) {
      lost.add(failure);
    } else if (reason instanceof ExceptionFailure) {
      failed.add(failure);
    }
  }
}
