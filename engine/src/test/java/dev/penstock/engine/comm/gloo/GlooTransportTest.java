package dev.penstock.engine.comm.gloo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportContract;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class GlooTransportTest extends TransportContract {
  @Override
  protected IntFunction<Transport> newRun(int size, Duration timeout) {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(size);
    return rank -> GlooTransport.connect(rendezvous.get(rank), "127.0.0.1", timeout);
  }

  @Test
  void aTagThatDoesNotFitIsRefused() {
    Ranks.run(
        2,
        newRun(2, PATIENT),
        transport -> {
          assertThatThrownBy(() -> receive(transport, 1 - transport.rank(), 1L << 30))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("Use a tag between 0 and 1073741823");
          assertThat(GlooTags.of((1L << 30) - 1)).isLessThan(GlooTags.COLLECTIVE);
          return true;
        });
  }
}
