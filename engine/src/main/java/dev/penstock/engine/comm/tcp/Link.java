package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.TransportException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connection to one peer: a thread that writes and one that reads.
 *
 * <p>A message goes out once the peer has said that its receive is posted, so what comes has its
 * place in memory already. Who leaves says so and closes the connection when the peer has answered:
 * closed before, the system would throw away what the peer has not read yet.
 */
final class Link {
  private static final int HEADER = 1 + 2 * Long.BYTES;
  private static final int MAX_TEXT = 4000;

  private static final byte DATA = 1;
  private static final byte READY = 2;
  private static final byte HEARTBEAT = 3;
  private static final byte ABORT = 4;
  private static final byte BYE = 5;
  private static final byte BYE_HEARD = 6;

  private final int peer;
  private final Pipe pipe;
  private final Events events;
  private final Duration beat;
  private final BlockingDeque<Frame> outgoing = new LinkedBlockingDeque<>();
  private final Map<Long, Deque<Message>> posted = new HashMap<>();
  private final Map<Long, Deque<Message>> offered = new HashMap<>();
  private final Map<Long, Integer> wanted = new HashMap<>();
  private final Thread writer;
  private final Thread reader;
  private boolean left;
  private volatile boolean parted;

  /** What the owner hears; called by the thread that reads, or writes. */
  interface Events {
    /** The peer ended without a word. */
    void onBroken(int peer, IOException cause);

    /** The peer, or another rank that the peer heard of, ended the run. */
    void onAbort(int by, String why);

    /**
     * The peer needs nothing any more and gives nothing; what is being written may still arrive.
     */
    void onLeft(int peer);

    /** The connection to a peer that had left is over. */
    void onEnded(int peer);
  }

  /** What is to be written. */
  private record Frame(byte kind, long tag, @Nullable Message message, byte[] text) {
    static Frame of(byte kind, long tag) {
      return new Frame(kind, tag, null, new byte[0]);
    }
  }

  /**
   * @param beat longest pause between two frames
   */
  Link(int rank, int peer, Pipe pipe, Duration beat, Events events) {
    this.peer = peer;
    this.pipe = pipe;
    this.beat = beat;
    this.events = events;
    writer = thread(String.format(Locale.ROOT, "to-rank-%d-from-%d", peer, rank), this::write);
    reader = thread(String.format(Locale.ROOT, "from-rank-%d-to-%d", peer, rank), this::read);
  }

  private static Thread thread(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  void start() {
    writer.start();
    reader.start();
  }

  Pipe pipe() {
    return pipe;
  }

  /** Whether the peer has left, or the connection is over. */
  synchronized boolean hasLeft() {
    return left || parted;
  }

  /** Posts a receive. False: the peer has left. */
  synchronized boolean post(Message message) {
    if (left) {
      return false;
    }
    posted.computeIfAbsent(message.tag(), tag -> new ArrayDeque<>()).add(message);
    outgoing.add(Frame.of(READY, message.tag()));
    return true;
  }

  /** Offers a message to send. False: the peer has left. */
  synchronized boolean offer(Message message) {
    if (left) {
      return false;
    }
    int waiting = wanted.getOrDefault(message.tag(), 0);
    if (waiting == 0) {
      offered.computeIfAbsent(message.tag(), tag -> new ArrayDeque<>()).add(message);
    } else {
      count(message.tag(), waiting - 1);
      outgoing.add(new Frame(DATA, message.tag(), message, new byte[0]));
    }
    return true;
  }

  private synchronized void onReady(long tag) {
    Message message = poll(offered, tag);
    if (message == null) {
      count(tag, wanted.getOrDefault(tag, 0) + 1);
    } else {
      outgoing.add(new Frame(DATA, tag, message, new byte[0]));
    }
  }

  private void count(long tag, int number) {
    if (number == 0) {
      wanted.remove(tag);
    } else {
      wanted.put(tag, number);
    }
  }

  private static @Nullable Message poll(Map<Long, Deque<Message>> messages, long tag) {
    Deque<Message> queue = messages.get(tag);
    if (queue == null) {
      return null;
    }
    Message message = queue.poll();
    if (queue.isEmpty()) {
      messages.remove(tag);
    }
    return message;
  }

  /** Tells the peer, before all else, that the run is over. */
  void abort(int by, String why) {
    byte[] text = why.getBytes(StandardCharsets.UTF_8);
    if (text.length > MAX_TEXT) {
      text = why.substring(0, MAX_TEXT / 4).getBytes(StandardCharsets.UTF_8);
    }
    outgoing.addFirst(new Frame(ABORT, by, null, text));
  }

  /** Tells the peer that this rank leaves. */
  void leave() {
    outgoing.add(Frame.of(BYE, 0));
  }

  /** Whether nothing that was written can be lost any more by closing. */
  boolean hasParted() {
    return parted;
  }

  /** Ends both threads; when it returns they touch no message. */
  void close() {
    parted = true;
    pipe.close();
    writer.interrupt();
    boolean interrupted = false;
    for (Thread thread : new Thread[] {writer, reader}) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    ByteBuffer header = ByteBuffer.allocateDirect(HEADER);
    try {
      boolean goesOn = true;
      while (goesOn) {
        Frame frame = outgoing.pollFirst(beat.toNanos(), TimeUnit.NANOSECONDS);
        if (frame == null) {
          frame = Frame.of(HEARTBEAT, 0);
        }
        Message message = frame.message;
        if (message != null && message.isDone()) {
          continue; // it failed before it went
        }
        long length = message == null ? frame.text.length : message.bytes();
        if (message != null) {
          message.go();
        }
        header.clear().put(frame.kind).putLong(frame.tag).putLong(length).flip();
        pipe.write(parts(header, frame));
        if (message != null) {
          message.complete();
        }
        goesOn = frame.kind != BYE_HEARD;
      }
      parted = true;
    } catch (InterruptedException e) {
      parted = true;
    } catch (IOException e) {
      breakOff(e);
    }
  }

  private static ByteBuffer[] parts(ByteBuffer header, Frame frame) {
    Message message = frame.message;
    if (message == null) {
      return new ByteBuffer[] {header, ByteBuffer.wrap(frame.text)};
    }
    ByteBuffer[] parts = new ByteBuffer[1 + message.pieces().size()];
    parts[0] = header;
    for (int i = 1; i < parts.length; i++) {
      parts[i] = message.pieces().get(i - 1);
    }
    return parts;
  }

  private void read() {
    ByteBuffer header = ByteBuffer.allocateDirect(HEADER);
    try {
      while (true) {
        pipe.read(header.clear());
        header.flip();
        byte kind = header.get();
        long tag = header.getLong();
        long length = header.getLong();
        switch (kind) {
          case DATA -> receive(tag, length);
          case READY -> onReady(tag);
          case HEARTBEAT -> {}
          case ABORT -> events.onAbort(Math.toIntExact(tag), text(length));
          case BYE -> onBye();
          case BYE_HEARD -> {
            parted = true;
            return;
          }
          default -> throw new ProtocolException("a frame of kind " + kind);
        }
      }
    } catch (IOException e) {
      breakOff(e);
    }
  }

  private String text(long length) throws IOException {
    if (length < 0 || length > MAX_TEXT) {
      throw new ProtocolException("a text of " + length + " bytes");
    }
    ByteBuffer text = ByteBuffer.allocate((int) length);
    pipe.read(text);
    return new String(text.array(), StandardCharsets.UTF_8);
  }

  private void receive(long tag, long length) throws IOException {
    Message message;
    synchronized (this) {
      message = poll(posted, tag);
    }
    if (message == null) {
      throw new ProtocolException(
          String.format(Locale.ROOT, "a message with tag %d that nobody awaits", tag));
    }
    if (message.bytes() != length) {
      skip(length);
      long expected = message.bytes();
      message.fail(
          awaited ->
              new TransportException(
                  String.format(
                      Locale.ROOT,
                      "Expected %d bytes as %s, but %d came.",
                      expected,
                      awaited,
                      length)));
      return;
    }
    for (ByteBuffer piece : message.pieces()) {
      pipe.read(piece);
    }
    message.complete();
  }

  private void skip(long length) throws IOException {
    ByteBuffer scratch = ByteBuffer.allocate(SealedPipe.RECORD);
    for (long left = length; left > 0; left -= scratch.limit()) {
      scratch.clear().limit((int) Math.min(SealedPipe.RECORD, left));
      pipe.read(scratch);
    }
  }

  private void onBye() {
    synchronized (this) {
      left = true;
    }
    events.onLeft(peer);
    outgoing.add(Frame.of(BYE_HEARD, 0));
  }

  private void breakOff(IOException cause) {
    boolean expected;
    synchronized (this) {
      expected = left || parted;
      left = true;
      parted = true;
    }
    pipe.close();
    writer.interrupt();
    if (expected) {
      events.onEnded(peer);
    } else {
      events.onBroken(peer, cause);
    }
  }
}
