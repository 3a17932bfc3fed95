package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.StartedReduceContract;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;

class TcpStartedReduceTest extends StartedReduceContract {
  @Override
  protected IntFunction<Transport> newRun(int size, Duration timeout) {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(size);
    return rank -> TcpTransport.connect(rendezvous.get(rank), "127.0.0.1", timeout);
  }
}
