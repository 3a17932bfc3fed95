package dev.penstock.spark;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** The executors on which the tasks of stages with a profile of their own ran. */
final class TaskPlaces extends SparkListener {
  private final Set<Integer> stages = ConcurrentHashMap.newKeySet();
  private final Set<String> executors = ConcurrentHashMap.newKeySet();

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted event) {
    if (event.stageInfo().resourceProfileId() != 0) {
      stages.add(event.stageInfo().stageId());
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart event) {
    if (stages.contains(event.stageId())) {
      executors.add(event.taskInfo().executorId());
    }
  }

  Set<String> executors() {
    return new TreeSet<>(executors);
  }
}
