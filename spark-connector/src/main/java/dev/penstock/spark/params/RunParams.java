package dev.penstock.spark.params;

import org.apache.spark.ml.param.IntParam;

/**
 * Params of the job: how long it waits and how often it reports.
 *
 * @param <T> the stage, as its setters return it
 */
public interface RunParams<T> extends OptionParams<T> {
  default IntParam stepTimeout() {
    return option(TrainerOption.STEP_TIMEOUT);
  }

  default int getStepTimeout() {
    return value(TrainerOption.STEP_TIMEOUT);
  }

  default T setStepTimeout(int value) {
    return with(TrainerOption.STEP_TIMEOUT, value);
  }

  default IntParam rendezvousTimeout() {
    return option(TrainerOption.RENDEZVOUS_TIMEOUT);
  }

  default int getRendezvousTimeout() {
    return value(TrainerOption.RENDEZVOUS_TIMEOUT);
  }

  default T setRendezvousTimeout(int value) {
    return with(TrainerOption.RENDEZVOUS_TIMEOUT, value);
  }

  default IntParam resourceTimeout() {
    return option(TrainerOption.RESOURCE_TIMEOUT);
  }

  default int getResourceTimeout() {
    return value(TrainerOption.RESOURCE_TIMEOUT);
  }

  default T setResourceTimeout(int value) {
    return with(TrainerOption.RESOURCE_TIMEOUT, value);
  }

  default IntParam progressInterval() {
    return option(TrainerOption.PROGRESS_INTERVAL);
  }

  default int getProgressInterval() {
    return value(TrainerOption.PROGRESS_INTERVAL);
  }

  default T setProgressInterval(int value) {
    return with(TrainerOption.PROGRESS_INTERVAL, value);
  }

  default IntParam timelineSteps() {
    return option(TrainerOption.TIMELINE_STEPS);
  }

  default int getTimelineSteps() {
    return value(TrainerOption.TIMELINE_STEPS);
  }

  default T setTimelineSteps(int value) {
    return with(TrainerOption.TIMELINE_STEPS, value);
  }
}
