package dev.penstock.engine.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.PortRange;
import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.RunSecret;
import dev.penstock.engine.comm.TransportException;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever does not know the secret neither joins a run nor hinders it. */
@Timeout(120)
class StrangersTest {
  private static final int RANKS = 3;
  private static final int GARBAGE = 4096;
  private static final String HERE = "127.0.0.1";
  private static final Duration PATIENT = Duration.ofSeconds(30);

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T keep(T each) {
    synchronized (opened) {
      opened.add(each);
    }
    return each;
  }

  @Test
  void garbageSilenceAndPortScansHinderNobody() {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(RANKS);
    List<RankListener> listeners =
        IntStream.range(0, RANKS)
            .mapToObj(rank -> keep(RankListener.open(HERE, rendezvous.get(rank).links())))
            .toList();
    List<InetSocketAddress> addresses =
        listeners.stream()
            .map(listener -> InetSocketAddress.createUnresolved(HERE, listener.port()))
            .toList();
    AtomicBoolean over = new AtomicBoolean();
    listeners.forEach(listener -> annoy(listener.port()));
    CompletableFuture<Void> crowd =
        CompletableFuture.runAsync(
            () -> {
              while (!over.get()) {
                listeners.forEach(listener -> annoy(listener.port()));
              }
            });
    Ranks.run(
        RANKS,
        rank -> TcpTransport.connect(listeners.get(rank), addresses, rendezvous.get(rank), PATIENT),
        transport -> {
          for (int round = 0; round < 20; round++) {
            transport.barrier(List.of(0, 1, 2));
          }
          return true;
        });
    over.set(true);
    crowd.join();
  }

  /** One caller of each kind; what becomes of them does not matter. */
  private void annoy(int port) {
    Random random = new Random(port);
    byte[] garbage = new byte[GARBAGE];
    random.nextBytes(garbage);
    byte[] begun = new byte[GARBAGE];
    System.arraycopy("penstok1".getBytes(StandardCharsets.US_ASCII), 0, begun, 0, 8);
    for (byte[] words : List.of(garbage, new byte[GARBAGE], begun, new byte[] {'p'}, new byte[0])) {
      try {
        Socket stranger = keep(new Socket(HERE, port));
        stranger.getOutputStream().write(words);
        if (words.length == 0) {
          stranger.close();
        }
      } catch (IOException e) {
        // Turned away.
      }
    }
  }

  @Test
  void onceAllAreThereNobodyListens() throws IOException {
    LinkOptions options = LinkOptions.of(RunSecret.random());
    try (RankListener listener = RankListener.open(HERE, options)) {
      int port = listener.port();
      listener.close();
      assertThatThrownBy(() -> new Socket(HERE, port)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void rankOfAnotherRunIsNotLetIn() throws Exception {
    RunSecret secret = RunSecret.random();
    ServerSocketChannel server =
        keep(ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0)));
    Doorkeeper door = keep(new Doorkeeper(server, secret, 0, 2));
    door.open();
    try (Socket other = new Socket(HERE, server.socket().getLocalPort())) {
      assertThatThrownBy(() -> Handshake.dial(other, RunSecret.random(), 1, 0))
          .isInstanceOf(IOException.class);
    }
    try (Socket wrongNumber = new Socket(HERE, server.socket().getLocalPort())) {
      assertThatThrownBy(() -> Handshake.dial(wrongNumber, secret, 2, 0))
          .isInstanceOf(IOException.class);
    }
    assertThat(door.await(Duration.ofMillis(1))).isEmpty();
    try (Socket member = new Socket(HERE, server.socket().getLocalPort())) {
      assertThat(Handshake.dial(member, secret, 1, 0).peer()).isZero();
    }
    assertThat(door.await(PATIENT)).containsOnlyKeys(1);
    assertThat(door.turnedAway()).isEqualTo(2);
  }

  /** Who only repeats what a rank said before does not know the secret. */
  @Test
  void whatWasOverheardServesNobody() throws Exception {
    RunSecret secret = RunSecret.random();
    ServerSocket server = keep(new ServerSocket(0, 8, InetAddress.getByName(HERE)));
    CompletableFuture<byte[]> overheard =
        CompletableFuture.supplyAsync(
            () -> {
              try (Socket member = server.accept()) {
                byte[] words = member.getInputStream().readNBytes(40);
                member.getOutputStream().write(new byte[32]);
                byte[] proof = member.getInputStream().readNBytes(40);
                return ByteBuffer.allocate(80).put(words).put(proof).array();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    try (Socket member = new Socket(HERE, server.getLocalPort())) {
      assertThatThrownBy(() -> Handshake.dial(member, secret, 1, 0))
          .isInstanceOf(IOException.class);
    }
    ServerSocketChannel real =
        keep(ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0)));
    Doorkeeper door = keep(new Doorkeeper(real, secret, 0, 2));
    door.open();
    try (Socket repeater = new Socket(HERE, real.socket().getLocalPort())) {
      repeater.getOutputStream().write(overheard.join());
      InputStream answer = repeater.getInputStream();
      assertThat(answer.readAllBytes()).hasSizeLessThanOrEqualTo(32);
    }
    assertThat(door.await(Duration.ofMillis(1))).isEmpty();
  }

  @Test
  void whatIsSealedCanNeitherBeReadNorAltered() throws Exception {
    byte[] key = RunSecret.random().derive();
    String text = "the weights are secret ".repeat(20_000);
    try (ServerSocketChannel server =
            ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0));
        SocketChannel near = SocketChannel.open(server.getLocalAddress());
        SocketChannel far = server.accept()) {
      CompletableFuture<Void> written =
          CompletableFuture.runAsync(
              () -> {
                try {
                  new SealedPipe(near, key, key).write(StandardCharsets.UTF_8.encode(text));
                  near.shutdownOutput();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      byte[] wire = far.socket().getInputStream().readAllBytes();
      written.join();
      assertThat(new String(wire, StandardCharsets.ISO_8859_1)).doesNotContain("weights");
      assertThat(unsealed(wire, key, text.length())).isEqualTo(text);
      wire[wire.length / 2] ^= 1;
      assertThatThrownBy(() -> unsealed(wire, key, text.length()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("altered");
    }
  }

  private static String unsealed(byte[] wire, byte[] key, int length) throws IOException {
    try (ServerSocketChannel server =
            ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0));
        SocketChannel near = SocketChannel.open(server.getLocalAddress());
        SocketChannel far = server.accept()) {
      CompletableFuture<Void> written =
          CompletableFuture.runAsync(
              () -> {
                try {
                  near.write(ByteBuffer.wrap(wire));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      ByteBuffer plain = ByteBuffer.allocate(length);
      new SealedPipe(far, key, key).read(plain);
      written.join();
      return new String(plain.array(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void portsAreThoseOfTheRange() throws IOException {
    int free;
    try (ServerSocket probe = new ServerSocket(0)) {
      free = probe.getLocalPort();
    }
    RunSecret secret = RunSecret.random();
    LinkOptions options =
        new LinkOptions(secret, PATIENT, false, HERE, PortRange.parse(free + "-" + free));
    try (RankListener listener = RankListener.open("localhost", options)) {
      assertThat(listener.port()).isEqualTo(free);
      assertThat(listener.host()).isEqualTo(HERE);
      assertThatThrownBy(() -> RankListener.open("localhost", options))
          .isInstanceOf(TransportException.class)
          .hasMessageContaining(
              String.format(Locale.ROOT, "cannot listen at ports %d-%d", free, free));
    }
    LinkOptions nowhere = new LinkOptions(secret, PATIENT, false, "203.0.113.7", PortRange.ANY);
    assertThatThrownBy(() -> RankListener.open("localhost", nowhere))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("no interface of this host has the name or address '203.0.113.7'");
  }

  @Test
  void noMessageShowsTheSecret() {
    RunSecret secret = RunSecret.of("only ranks know");
    assertThat(LinkOptions.of(secret).toString()).contains("RunSecret[hidden]");
    assertThat(secret.derive(new byte[] {1}))
        .isEqualTo(RunSecret.of("only ranks know").derive(new byte[] {1}));
    assertThat(secret.derive(new byte[] {1})).isNotEqualTo(secret.derive(new byte[] {2}));
  }

  @Test
  void rangesOfPortsThatCannotBeAreRefused() {
    for (String text : List.of("", "1-2-3", "5-4", "0-9", "1-70000", "a", "-1")) {
      assertThatThrownBy(() -> PortRange.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
