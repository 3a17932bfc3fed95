package dev.penstock.engine.comm.gloo;

import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.jspecify.annotations.Nullable;

/**
 * The native process group of a rank and the store it met its peers through. Rank 0 serves the
 * store on a free port.
 */
record GlooConnection(ProcessGroupGloo group, TCPStore store) {
  private static final String FAILED = "failed ";

  /** Connecting looks names up, which may take seconds where a name server is slow. */
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** Connects to every other rank; one allGather, which tells where the store is. */
  static GlooConnection open(Rendezvous rendezvous, String host) {
    TCPStore served = null;
    RuntimeException failure = null;
    if (rendezvous.rank() == 0) {
      try {
        served = openStore(host, 0, true);
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    String address = rendezvous.allGather(offer(host, served, failure)).get(0);
    if (address.startsWith(FAILED)) {
      throw new TransportException(
          "Rank 0 could not serve the store: " + address.substring(FAILED.length()), failure);
    }
    try {
      return connect(rendezvous, host, address, served);
    } catch (RuntimeException e) {
      throw new TransportException(
          "Rank %d on %s could not connect to the ranks that meet at %s within %d ms: %s"
              .formatted(rendezvous.rank(), host, address, TIMEOUT.toMillis(), e.getMessage()),
          e);
    }
  }

  private static String offer(
      String host, @Nullable TCPStore served, @Nullable RuntimeException failure) {
    if (failure != null) {
      return FAILED + failure.getMessage();
    }
    return served == null ? "" : host + " " + Short.toUnsignedInt(served.getPort());
  }

  private static TCPStore openStore(String host, int port, boolean serves) {
    try (PointerScope scope = new PointerScope()) {
      TCPStoreOptions options =
          new TCPStoreOptions()
              .port((short) port)
              .isServer(serves)
              .waitWorkers(false)
              .timeout(new Milliseconds(TIMEOUT.toMillis()));
      return new TCPStore(host, options).retainReference();
    }
  }

  private static GlooConnection connect(
      Rendezvous rendezvous, String host, String address, @Nullable TCPStore served) {
    TCPStore store = served;
    if (store == null) {
      String[] hostAndPort = address.split(" ", 2);
      store = openStore(hostAndPort[0], Integer.parseInt(hostAndPort[1]), false);
    }
    try (PointerScope scope = new PointerScope()) {
      ProcessGroupGloo.Options options =
          ProcessGroupGloo.Options.create(new Milliseconds(TIMEOUT.toMillis()));
      options.devices().push_back(ProcessGroupGloo.createDeviceForHostname(host));
      ProcessGroupGloo group =
          new ProcessGroupGloo(store, rendezvous.rank(), rendezvous.size(), options);
      return new GlooConnection(group.retainReference(), store);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  void close() {
    group.close();
    store.close();
  }
}
