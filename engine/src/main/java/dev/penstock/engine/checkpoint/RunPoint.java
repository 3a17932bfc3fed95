package dev.penstock.engine.checkpoint;

import java.util.List;
import java.util.Locale;

/**
 * How far a run has come.
 *
 * @param step optimizer steps taken
 * @param epoch passes over the data that are complete
 * @param rows rows read: where the next step reads on
 * @param validations all validations so far; best step and patience follow from them
 */
public record RunPoint(long step, long epoch, long rows, List<ValidationPoint> validations) {
  public RunPoint {
    if (step < 0 || epoch < 0 || rows < 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "Not a point of a run: step %d, epoch %d, row %d", step, epoch, rows));
    }
    validations = List.copyOf(validations);
  }
}
