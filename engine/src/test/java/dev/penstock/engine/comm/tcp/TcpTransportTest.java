package dev.penstock.engine.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportContract;
import dev.penstock.engine.comm.TransportException;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class TcpTransportTest extends TransportContract {
  @Override
  protected IntFunction<Transport> newRun(int size, Duration timeout) {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(size);
    return rank -> TcpTransport.connect(rendezvous.get(rank), "127.0.0.1", timeout);
  }

  @Test
  void aNegativeTagIsRefused() {
    runAll(
        2,
        transport ->
            assertThatThrownBy(() -> receive(transport, 1 - transport.rank(), -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Tag -1 is negative"));
  }

  @Test
  void abortIsToldToThePeersAtOnce() {
    CountDownLatch told = new CountDownLatch(2);
    runAll(
        3,
        transport -> {
          if (transport.rank() == 2) {
            transport.abort(new IOException("no space left"));
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
          } else {
            assertThatThrownBy(() -> receive(transport, 1 - transport.rank(), 42))
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("rank 2 aborted the run", "IOException: no space left");
            told.countDown();
          }
        });
  }

  @Test
  void aMessageOfAnotherSizeIsNamed() {
    runAll(
        2,
        transport -> {
          if (transport.rank() == 0) {
            send(transport, 1, 1, 5);
          } else {
            assertThatThrownBy(
                    () -> transport.receive(TensorSpec.of(ScalarType.Float, 7), 0, 5).await())
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("28 bytes as tag 5 from rank 0", "24 came");
          }
          transport.barrier(List.of(0, 1));
        });
  }
}
