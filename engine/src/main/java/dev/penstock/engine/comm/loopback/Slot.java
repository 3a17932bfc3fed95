package dev.penstock.engine.comm.loopback;

import static java.util.Objects.requireNonNull;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The place one posted receive keeps for its message. Guarded by the hub's lock. */
final class Slot {
  private final Channel.Key key;
  private @Nullable Tensor message;

  Slot(Channel.Key key) {
    this.key = key;
  }

  Channel.Key key() {
    return key;
  }

  void fill(Tensor tensor) {
    message = tensor;
  }

  boolean filled() {
    return message != null;
  }

  Tensor take() {
    Tensor taken = requireNonNull(message, "message was taken before");
    message = null;
    return taken;
  }

  void close() {
    if (message != null) {
      message.close();
      message = null;
    }
  }
}
