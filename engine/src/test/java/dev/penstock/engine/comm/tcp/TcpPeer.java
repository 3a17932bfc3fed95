package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Rank 1 of a test, in a JVM of its own: echoes what rank 0 sends, plus one. */
public final class TcpPeer {
  static final TensorSpec SPEC = TensorSpec.of(ScalarType.Float, 256, 1024);

  private TcpPeer() {}

  /** Arguments: the folder of the rendezvous and the number of messages to echo. */
  public static void main(String[] args) {
    Duration timeout = Duration.ofSeconds(60);
    try (Transport transport =
        TcpTransport.connect(new FileRendezvous(Path.of(args[0]), 1, 2), "127.0.0.1", timeout)) {
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        try (Tensor received = transport.receive(SPEC, 0, i).await();
            Tensor answer = received.add(new Scalar(1.0))) {
          PendingSend send = transport.send(answer, 0, i);
          send.await();
          transport.allReduce(answer, ReduceOp.SUM, List.of(0, 1));
        }
      }
    }
  }
}
