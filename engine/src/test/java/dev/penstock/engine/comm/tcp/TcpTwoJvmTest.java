package dev.penstock.engine.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.PendingReceive;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.SilentRankException;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TcpTwoJvmTest {
  private static final Duration PATIENT = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private Process peer;

  private Transport connect(int messagesToEcho) throws IOException {
    peer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TcpPeer.class.getName(),
                folder.toString(),
                String.valueOf(messagesToEcho))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("peer.log").toFile())
            .start();
    return TcpTransport.connect(new FileRendezvous(folder, 0, 2), "127.0.0.1", PATIENT);
  }

  @AfterEach
  void endPeer() {
    peer.destroyForcibly();
  }

  @Test
  void tensorsGoToAnotherJvmAndBack() throws Exception {
    try (Transport transport = connect(5);
        PointerScope scope = new PointerScope()) {
      for (int i = 0; i < 5; i++) {
        Tensor tensor = torch.full(TcpPeer.SPEC.sizes(), new Scalar(i + 0.5));
        PendingReceive pending = transport.receive(TcpPeer.SPEC, 1, i);
        transport.send(tensor, 1, i).await();
        try (Tensor answer = pending.await()) {
          assertThat(answer.equal(tensor.add(new Scalar(1.0)))).isTrue();
        }
        Tensor sum = tensor.clone();
        transport.allReduce(sum, ReduceOp.SUM, List.of(0, 1));
        assertThat(sum.equal(tensor.add(tensor).add(new Scalar(1.0)))).isTrue();
      }
    }
    assertThat(peer.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(peer.exitValue()).as(Files.readString(folder.resolve("peer.log"))).isZero();
  }

  @Test
  void aPeerThatIsKilledIsNamedWithinSeconds() throws Exception {
    try (Transport transport = connect(1)) {
      PendingReceive pending = transport.receive(TcpPeer.SPEC, 1, 77);
      Thread killer = new Thread(peer::destroyForcibly);
      long start = System.nanoTime();
      killer.start();
      assertThatThrownBy(pending::await)
          .isInstanceOf(TransportException.class)
          .hasMessageContainingAll("Rank 0", "tag 77 from rank 1", "rank 1 has left the run");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThatThrownBy(() -> transport.barrier(List.of(0, 1)))
          .isInstanceOf(TransportException.class)
          .hasMessageContainingAll("Rank 0", "barrier over ranks [0, 1]", "rank 1");
      killer.join();
    }
  }

  @Test
  void aPeerThatIsFrozenIsNamedWithinTheHeartbeatTimeout() throws Exception {
    try (Transport transport = connect(1)) {
      PendingReceive pending = transport.receive(TcpPeer.SPEC, 1, 77);
      signal("-STOP");
      long start = System.nanoTime();
      assertThatThrownBy(pending::await)
          .isInstanceOf(TransportException.class)
          .hasMessageContainingAll(
              "Rank 0 was waiting for tag 77 from rank 1",
              "Nothing was heard of rank 1 on 127.0.0.1 for 3.0 s (heartbeatTimeout)")
          .hasCauseInstanceOf(SilentRankException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(
              FileRendezvous.HEARTBEAT_TIMEOUT.dividedBy(2),
              FileRendezvous.HEARTBEAT_TIMEOUT.multipliedBy(2));
    }
    signal("-CONT");
    assertThat(peer.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(folder.resolve("peer.log")))
        .contains("rank 0 aborted the run: Nothing was heard of rank 1");
  }

  private void signal(String name) throws Exception {
    assertThat(new ProcessBuilder("kill", name, Long.toString(peer.pid())).start().waitFor())
        .isZero();
  }
}
