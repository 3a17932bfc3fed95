package dev.penstock.storage;

import java.io.IOException;
import java.util.Locale;

/** A folder that another run is writing; the message names it. */
public final class LeaseHeldException extends IOException {
  private static final long serialVersionUID = 1L;

  LeaseHeldException(String folder, LeaseHolder holder, LeaseTiming timing) {
    super(
        String.format(
            Locale.ROOT,
            "%s is being written by %s. Wait until it ends, or use another folder. The folder of a"
                + " run that died is free %d s after it was last heard of.",
            folder,
            holder,
            timing.validity().toSeconds()));
  }
}
