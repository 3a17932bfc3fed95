package dev.penstock.examples;

import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.connect.Transports;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Runs pipeline ranks as threads of this JVM, for examples without Spark. */
final class LocalRanks {
  private LocalRanks() {}

  /** Connects {@code size} ranks and runs the body on each; throws what the first to fail threw. */
  static void run(int size, Consumer<Transport> body)
      throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<?>> ranks = new ArrayList<>();
      RankAddress address = new RankAddress("localhost", "this", "cpu");
      for (LoopbackRendezvous rendezvous : LoopbackRendezvous.create(size)) {
        ranks.add(
            threads.submit(
                () -> {
                  try (Transport transport =
                      Transports.connect(rendezvous, address, Duration.ofMinutes(1))) {
                    accept(body, transport);
                  }
                }));
      }
      for (Future<?> rank : ranks) {
        rank.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** The other ranks hear of a failure at once, instead of waiting for their time-out. */
  private static void accept(Consumer<Transport> body, Transport transport) {
    try {
      body.accept(transport);
    } catch (RuntimeException e) {
      transport.abort(e);
      throw e;
    }
  }
}
