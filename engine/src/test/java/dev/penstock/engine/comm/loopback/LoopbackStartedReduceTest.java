package dev.penstock.engine.comm.loopback;

import dev.penstock.engine.comm.StartedReduceContract;
import dev.penstock.engine.comm.Transport;
import java.time.Duration;
import java.util.UUID;
import java.util.function.IntFunction;

class LoopbackStartedReduceTest extends StartedReduceContract {
  @Override
  protected IntFunction<Transport> newRun(int size, Duration timeout) {
    String runId = UUID.randomUUID().toString();
    return rank -> LoopbackTransport.join(runId, rank, size, timeout);
  }
}
