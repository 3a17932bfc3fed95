package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.ActionType;
import java.util.Locale;

/**
 * The colours of the reference's visualizer: F blue, I teal, W green, B orange, overlap purple. The
 * later a stage comes among those of its rank, the lighter it is.
 */
final class Palette {
  static final int INK = 0x222222;
  static final int FAINT = 0x8A8A8A;
  static final int TRACK = 0xF1F1F1;
  static final int PAPER = 0xFFFFFF;

  private static final double LIGHTEST = 0.5;
  private static final double BRIGHT = 0.6;

  private Palette() {}

  /**
   * The colour of an action.
   *
   * @param position of its stage among the rank's, 0 for the first
   * @param count stages of the rank
   */
  static int of(ActionType type, int position, int count) {
    int base =
        switch (type) {
          case F -> 0x2F6FC4;
          case I -> 0x16897F;
          case W -> 0x3E9142;
          case B -> 0xE07B1A;
          case OVERLAP_F_B -> 0x8250B4;
          case UNSHARD, RESHARD, REDUCE_GRAD, SEND_F, RECV_F, SEND_B, RECV_B -> 0x000000;
        };
    return lighten(base, count < 2 ? 0 : LIGHTEST * position / (count - 1));
  }

  /** Black or white, whichever can be read on the colour. */
  static int inkOn(int rgb) {
    double luminance =
        (0.299 * (rgb >> 16 & 0xFF) + 0.587 * (rgb >> 8 & 0xFF) + 0.114 * (rgb & 0xFF)) / 255;
    return luminance > BRIGHT ? INK : PAPER;
  }

  /** As SVG writes it: {@code #2f6fc4}. */
  static String hex(int rgb) {
    return String.format(Locale.ROOT, "#%06x", rgb);
  }

  private static int lighten(int rgb, double share) {
    int result = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int channel = rgb >> shift & 0xFF;
      result |= (int) Math.round(channel + (255 - channel) * share) << shift;
    }
    return result;
  }
}
