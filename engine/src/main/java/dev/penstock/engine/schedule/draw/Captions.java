package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.Simulation;
import dev.penstock.engine.schedule.Timeline;
import java.util.Locale;
import java.util.TreeSet;

/** The words and numbers around a drawing. */
final class Captions {
  private Captions() {}

  /** Bubble, peak activations and makespan in one line. */
  static String of(Timeline timeline) {
    Simulation summary = timeline.summary();
    String peaks =
        new TreeSet<>(summary.peakActivations()).size() == 1
            ? "on every rank"
            : "by rank " + summary.peakActivations();
    return String.format(
        Locale.ROOT,
        "bubble %s %%, peak activations %d (%s), makespan %s%s",
        String.format(Locale.ROOT, "%.1f", 100 * summary.bubbleFraction()),
        summary.worstPeakActivations(),
        peaks,
        number(summary.makespan()),
        timeline.units().suffix());
  }

  static String legend(ActionType type) {
    return switch (type) {
      case F -> "F forward";
      case I -> "I input gradient";
      case W -> "W weight gradient";
      case B -> "B backward";
      case OVERLAP_F_B -> "F/B overlapped";
      case UNSHARD, RESHARD, REDUCE_GRAD, SEND_F, RECV_F, SEND_B, RECV_B -> type.name();
    };
  }

  /** A number with as many digits as it needs, four at most behind the point. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e12) {
      return Long.toString((long) value);
    }
    String text = String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.4f" : "%.2f", value);
    return text.replaceAll("0+$", "").replaceAll("\\.$", "");
  }

  /** The least 1, 2 or 5 times a power of ten that is no less than {@code least}. */
  static double tickStep(double least) {
    if (least <= 0) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= least) {
        return factor * power;
      }
    }
    return 10 * power;
  }
}
