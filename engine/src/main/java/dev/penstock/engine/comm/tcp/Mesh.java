package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.TransportException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Connects a rank to each of the others: it calls those with lower numbers, and those with higher
 * numbers call it.
 *
 * @param addresses where each rank listens, in rank order
 * @param rank this one
 */
record Mesh(List<InetSocketAddress> addresses, int rank, LinkOptions options) {
  /** Connecting looks names up, which may take seconds where a name server is slow. */
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** The connections, by peer; the caller closes them. */
  Map<Integer, Pipe> connect(RankListener listener) {
    Map<Integer, Pipe> pipes = new TreeMap<>();
    try (Doorkeeper door =
        new Doorkeeper(listener.server(), options.secret(), rank, addresses.size())) {
      door.open();
      for (int peer = 0; peer < rank; peer++) {
        pipes.put(peer, dial(peer));
      }
      Map<Integer, Doorkeeper.Caller> callers = door.await(TIMEOUT);
      callers.forEach(
          (peer, caller) -> pipes.put(peer, pipe(caller.channel(), caller.handshake())));
      if (pipes.size() < addresses.size() - 1) {
        throw new TransportException(missing(pipes, door.turnedAway()));
      }
      return pipes;
    } catch (InterruptedException e) {
      pipes.values().forEach(Pipe::close);
      Thread.currentThread().interrupt();
      throw TransportException.interrupted(rank, "the other ranks to connect", e);
    } catch (RuntimeException e) {
      pipes.values().forEach(Pipe::close);
      throw e;
    }
  }

  private String missing(Map<Integer, Pipe> pipes, int turnedAway) {
    List<Integer> absent =
        IntStream.range(rank + 1, addresses.size())
            .filter(peer -> !pipes.containsKey(peer))
            .limit(10)
            .boxed()
            .toList();
    return String.format(
        Locale.ROOT,
        ("Rank %d waited %d s at %s, but ranks %s did not connect; %d callers were turned away,"
            + " for they did not know the secret of the run. Ports between the executors must be"
            + " open (rankPorts, rankInterface)."),
        rank,
        TIMEOUT.toSeconds(),
        addresses.get(rank),
        absent,
        turnedAway);
  }

  private Pipe dial(int peer) {
    InetSocketAddress address = addresses.get(peer);
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open();
      channel
          .socket()
          .connect(
              new InetSocketAddress(address.getHostString(), address.getPort()),
              Math.toIntExact(TIMEOUT.toMillis()));
      return pipe(channel, Handshake.dial(channel.socket(), options.secret(), rank, peer));
    } catch (IOException e) {
      close(channel);
      throw new TransportException(
          String.format(
              Locale.ROOT,
              "Rank %d cannot connect to rank %d at %s: %s. Ports between the executors must be open (rankPorts, rankInterface).",
              rank,
              peer,
              address,
              e.getMessage()),
          e);
    }
  }

  private static void close(@Nullable SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // It is of no use any more, whatever becomes of it.
    }
  }

  private Pipe pipe(SocketChannel channel, Handshake handshake) {
    if (!options.encrypted()) {
      return new Pipe(channel);
    }
    boolean caller = handshake.dialled();
    return new SealedPipe(
        channel, handshake.key(options.secret(), caller), handshake.key(options.secret(), !caller));
  }
}
