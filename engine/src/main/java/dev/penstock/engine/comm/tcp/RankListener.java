package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.PortRange;
import dev.penstock.engine.comm.TransportException;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.Comparator;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Where the ranks with higher numbers call. It is closed once all of them are there. */
public final class RankListener implements AutoCloseable {
  private final ServerSocketChannel server;
  private final String host;

  private RankListener(ServerSocketChannel server, String host) {
    this.server = server;
    this.host = host;
  }

  /**
   * Listens.
   *
   * @param host name or address of this host that the other ranks can reach
   * @throws TransportException if there is no such interface, or none of the ports is free
   */
  public static RankListener open(String host, LinkOptions options) {
    try {
      String wanted = options.networkInterface();
      InetAddress address = wanted == null ? localAddress(host) : addressOf(wanted);
      return new RankListener(
          listen(address, options.ports()),
          wanted == null || address == null ? host : address.getHostAddress());
    } catch (IOException e) {
      throw new TransportException(
          "A rank on %s cannot listen at ports %s: %s"
              .formatted(host, text(options.ports()), e.getMessage()),
          e);
    }
  }

  private static String text(PortRange ports) {
    return ports.first() == 0 ? "that are free" : ports.first() + "-" + ports.last();
  }

  /** The address of a name if it is one of this host; null: a gateway has it, so listen on all. */
  private static @Nullable InetAddress localAddress(String host) throws IOException {
    try {
      InetAddress address = InetAddress.getByName(host);
      return NetworkInterface.getByInetAddress(address) == null ? null : address;
    } catch (UnknownHostException e) {
      return null; // known to the others, maybe
    }
  }

  private static InetAddress addressOf(String name) throws IOException {
    NetworkInterface found = NetworkInterface.getByName(name);
    if (found != null) {
      return found
          .inetAddresses()
          .min(Comparator.comparing(address -> address instanceof Inet6Address))
          .orElseThrow(() -> new IOException("interface '" + name + "' has no address"));
    }
    InetAddress address = InetAddress.getByName(name);
    if (NetworkInterface.getByInetAddress(address) == null) {
      throw new IOException("no interface of this host has the name or address '" + name + "'");
    }
    return address;
  }

  private static ServerSocketChannel listen(@Nullable InetAddress address, PortRange ports)
      throws IOException {
    int begin = ThreadLocalRandom.current().nextInt(ports.size());
    IOException failure = new IOException("no port");
    for (int i = 0; i < ports.size(); i++) {
      int port = ports.first() + (begin + i) % ports.size();
      ServerSocketChannel server = ServerSocketChannel.open();
      try {
        return server.bind(new InetSocketAddress(address, port));
      } catch (IOException e) {
        server.close();
        failure = e;
      }
    }
    throw failure;
  }

  ServerSocketChannel server() {
    return server;
  }

  /** What the other ranks call. */
  public String host() {
    return host;
  }

  /** The port. */
  public int port() {
    return server.socket().getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new TransportException("A listener cannot be closed.", e);
    }
  }
}
