package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of the job: how long it waits, how its ranks connect, how often it reports.
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

  default IntParam heartbeatTimeout() {
    return option(TrainerOption.HEARTBEAT_TIMEOUT);
  }

  default int getHeartbeatTimeout() {
    return value(TrainerOption.HEARTBEAT_TIMEOUT);
  }

  default T setHeartbeatTimeout(int value) {
    return with(TrainerOption.HEARTBEAT_TIMEOUT, value);
  }

  default Param<String> rankInterface() {
    return option(TrainerOption.RANK_INTERFACE);
  }

  default String getRankInterface() {
    return value(TrainerOption.RANK_INTERFACE);
  }

  default T setRankInterface(String value) {
    return with(TrainerOption.RANK_INTERFACE, value);
  }

  default Param<String> rankPorts() {
    return option(TrainerOption.RANK_PORTS);
  }

  default String getRankPorts() {
    return value(TrainerOption.RANK_PORTS);
  }

  default T setRankPorts(String value) {
    return with(TrainerOption.RANK_PORTS, value);
  }

  default BooleanParam allowUnencryptedRanks() {
    return option(TrainerOption.ALLOW_UNENCRYPTED_RANKS);
  }

  default boolean getAllowUnencryptedRanks() {
    return value(TrainerOption.ALLOW_UNENCRYPTED_RANKS);
  }

  default T setAllowUnencryptedRanks(boolean value) {
    return with(TrainerOption.ALLOW_UNENCRYPTED_RANKS, value);
  }

  default IntParam rankCpus() {
    return option(TrainerOption.RANK_CPUS);
  }

  default int getRankCpus() {
    return value(TrainerOption.RANK_CPUS);
  }

  default T setRankCpus(int value) {
    return with(TrainerOption.RANK_CPUS, value);
  }

  default IntParam rankGpus() {
    return option(TrainerOption.RANK_GPUS);
  }

  default int getRankGpus() {
    return value(TrainerOption.RANK_GPUS);
  }

  default T setRankGpus(int value) {
    return with(TrainerOption.RANK_GPUS, value);
  }

  default Param<String> rankMemoryOverhead() {
    return option(TrainerOption.RANK_MEMORY_OVERHEAD);
  }

  default String getRankMemoryOverhead() {
    return value(TrainerOption.RANK_MEMORY_OVERHEAD);
  }

  default T setRankMemoryOverhead(String value) {
    return with(TrainerOption.RANK_MEMORY_OVERHEAD, value);
  }

  default Param<String> memoryCheck() {
    return option(TrainerOption.MEMORY_CHECK);
  }

  default String getMemoryCheck() {
    return value(TrainerOption.MEMORY_CHECK);
  }

  default T setMemoryCheck(String value) {
    return with(TrainerOption.MEMORY_CHECK, value);
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
