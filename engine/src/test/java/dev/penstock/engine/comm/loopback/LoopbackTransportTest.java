package dev.penstock.engine.comm.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.PendingReceive;
import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportContract;
import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopbackTransportTest extends TransportContract {
  private static final TensorSpec ONE = TensorSpec.of(ScalarType.Float, 1);

  @Override
  protected IntFunction<Transport> newRun(int size, Duration timeout) {
    String runId = UUID.randomUUID().toString();
    return rank -> LoopbackTransport.join(runId, rank, size, timeout);
  }

  @AfterEach
  void noRunIsLeftBehind() {
    assertThat(LoopbackHub.runs()).isZero();
  }

  @Test
  void theReceiverSharesTheSendersStorage() {
    List<Long> addresses =
        Ranks.run(
            2,
            newRun(2, PATIENT),
            transport -> {
              if (transport.rank() == 0) {
                Tensor tensor = filled(1, ONE);
                transport.send(tensor, 1, 0).await();
                transport.barrier(List.of(0, 1));
                return tensor.data_ptr().address();
              }
              try (Tensor received = transport.receive(ONE, 0, 0).await()) {
                transport.barrier(List.of(0, 1));
                return received.data_ptr().address();
              }
            });
    assertThat(addresses.get(0)).isEqualTo(addresses.get(1));
  }

  @Test
  void aMessageOfAnotherShapeIsRefused() {
    Ranks.run(
        2,
        newRun(2, PATIENT),
        transport -> {
          if (transport.rank() == 0) {
            send(transport, 1, 1, 5);
          } else {
            PendingReceive pending = transport.receive(ONE, 0, 5);
            assertThatThrownBy(pending::await)
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("Rank 1 expected", "tag 5", "rank 0");
          }
          return true;
        });
  }

  @Test
  void tensorsOfDifferentShapesCannotBeReduced() {
    Ranks.run(
        2,
        newRun(2, PATIENT),
        transport -> {
          try (Tensor tensor = filled(1, TensorSpec.of(ScalarType.Float, 1 + transport.rank()))) {
            assertThatThrownBy(() -> transport.allReduce(tensor, ReduceOp.SUM, List.of(0, 1)))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("allReduce SUM over ranks [0, 1]");
          }
          return true;
        });
  }

  @Test
  void abortOfOneRankFailsTheOthersButNoOtherRun() {
    IntFunction<Transport> aborted = newRun(2, PATIENT);
    Ranks.run(
        2,
        newRun(2, PATIENT),
        healthy -> {
          try (Transport transport = aborted.apply(healthy.rank())) {
            transport.barrier(List.of(0, 1));
            if (transport.rank() == 1) {
              transport.abort(new IllegalStateException("bad row"));
            }
            assertThatThrownBy(() -> receive(transport, 1 - transport.rank(), 3))
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("tag 3", "rank 1 aborted the run", "bad row");
          }
          healthy.barrier(List.of(0, 1));
          return true;
        });
  }

  @Test
  void aRankThatNeverJoinsIsWaitedForUntilTheTimeout() {
    assertThatThrownBy(() -> LoopbackTransport.join("run-incomplete", 0, 2, Duration.ofMillis(50)))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("all 2 ranks to join");
  }
}
