package dev.penstock.engine.config;

import java.io.Serializable;

/**
 * How many ranks there are and what each axis splits.
 *
 * @param ppSize pipeline ranks (the reference's {@code pp_size})
 * @param dpSize replicas of the whole pipeline ({@code dp_size})
 */
public record ParallelConfig(int ppSize, int dpSize) implements Serializable {
  public ParallelConfig {
    ConfigException.check(ppSize >= 1, "ppSize must be at least 1, but is %d.", ppSize);
    ConfigException.check(dpSize >= 1, "dpSize must be at least 1, but is %d.", dpSize);
  }

  /** Ranks in all, and so barrier tasks. */
  public int worldSize() {
    return ppSize * dpSize;
  }
}
