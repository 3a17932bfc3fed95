package dev.penstock.engine.comm;

import java.util.List;

/**
 * How the ranks of a run find each other: the host supplies it (Spark's barrier context, or a
 * shared map for threads). Slow (a second a call under Spark): for start-up only.
 *
 * <p>One instance per rank, used by that rank's thread. Every rank must make the same calls in the
 * same order.
 */
public interface Rendezvous {
  int rank();

  int size();

  /** An id that is the same on every rank of this attempt and differs from every other attempt. */
  String runId();

  /** Gives every rank the message of each rank, in rank order; blocks until all have called. */
  List<String> allGather(String message);

  /** How ranks in different processes connect; the same on every rank of this attempt. */
  LinkOptions links();
}
