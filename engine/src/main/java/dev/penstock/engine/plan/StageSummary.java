package dev.penstock.engine.plan;

import java.io.Serializable;
import java.util.List;

/**
 * One row of the stage table.
 *
 * @param stage stage id
 * @param ppRank pipeline rank that computes it
 * @param modules names of its modules
 * @param parameters number of weights; a tied weight counts on each stage that holds it
 * @param costShare the stage's share of the floating point operations of a step, 0 to 1
 */
public record StageSummary(
    int stage, int ppRank, List<String> modules, long parameters, double costShare)
    implements Serializable {
  public StageSummary {
    modules = List.copyOf(modules);
  }
}
