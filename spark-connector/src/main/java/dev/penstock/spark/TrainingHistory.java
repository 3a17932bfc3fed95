package dev.penstock.spark;

import dev.penstock.engine.train.StepReport;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the ranks reported.
 *
 * @param steps every step
 * @param timelinePath folder of the timeline's files; null: there are none
 */
record TrainingHistory(List<StepReport> steps, @Nullable String timelinePath)
    implements Serializable {
  TrainingHistory {
    steps = List.copyOf(steps);
  }
}
