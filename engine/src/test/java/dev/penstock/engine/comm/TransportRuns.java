package dev.penstock.engine.comm;

import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Starts runs of a transport, and makes tensors for them. */
public abstract class TransportRuns {
  protected static final Duration PATIENT = Duration.ofSeconds(30);
  protected static final TensorSpec FLOATS = TensorSpec.of(ScalarType.Float, 2, 3);
  protected static final int MEGA = 1 << 20;

  /** Prepares a run; the returned function is called once for each rank, on its thread. */
  protected abstract IntFunction<Transport> newRun(int size, Duration timeout);

  /** Where the tensors of a rank are; {@code cuda}: on the current device of its thread. */
  protected String device() {
    return "cpu";
  }

  protected final <T> List<T> run(int size, Ranks.Body<T> body) {
    return Ranks.run(size, newRun(size, PATIENT), body);
  }

  /** A body without a result. */
  protected interface Action {
    void run(Transport transport) throws Exception;
  }

  protected final void runAll(int size, Action action) {
    run(
        size,
        transport -> {
          action.run(transport);
          return true;
        });
  }

  protected final Tensor filled(double value, TensorSpec spec) {
    try (PointerScope scope = new PointerScope()) {
      TensorOptions options =
          new TensorOptions(spec.dtype()).device(new DeviceOptional(new Device(device())));
      return torch.full(spec.sizes(), new Scalar(value), options).retainReference();
    }
  }

  protected static double first(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      return tensor.reshape(-1).select(0, 0).to(ScalarType.Double).item_double();
    }
  }

  protected final void send(Transport transport, double value, int peer, long tag) {
    try (Tensor tensor = filled(value, FLOATS)) {
      transport.send(tensor, peer, tag).await();
    }
  }

  protected final double receive(Transport transport, int peer, long tag) {
    return valueOf(transport.receive(FLOATS, peer, tag));
  }

  protected static double valueOf(PendingReceive pending) {
    try (Tensor tensor = pending.await()) {
      return first(tensor);
    }
  }
}
