package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportContract;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.global.torch_cuda;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Runs where there are four GPUs, and the natives for CUDA on the class path: {@code -Pgpu}. */
@Tag("gpu")
@EnabledIf("fourGpus")
class NcclTransportTest extends TransportContract {
  static boolean fourGpus() {
    return NcclLibraryTest.available() && torch_cuda.device_count() >= 4;
  }

  @Override
  protected String device() {
    return "cuda";
  }

  @Override
  protected IntFunction<Transport> newRun(int size, Duration timeout) {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(size);
    return rank -> {
      torch_cuda.set_device((byte) rank);
      return NcclTransport.connect(rendezvous.get(rank), "cuda:" + rank, timeout);
    };
  }

  @Override
  @Test
  @Disabled("between GPUs of one host nothing tells that a peer is gone")
  protected void aPeerThatLeavesFailsThoseWhoWaitForIt() {}
}
