package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.PortRange;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.RunSecret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** The rendezvous of ranks in several processes that share a folder. */
final class FileRendezvous implements Rendezvous {
  static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(3);

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Path folder;
  private final int rank;
  private final int size;
  private int round;

  FileRendezvous(Path folder, int rank, int size) {
    this.folder = folder;
    this.rank = rank;
    this.size = size;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public String runId() {
    return folder.toString();
  }

  @Override
  public LinkOptions links() {
    return new LinkOptions(
        RunSecret.of(runId()), HEARTBEAT_TIMEOUT, false, "127.0.0.1", PortRange.ANY);
  }

  @Override
  public List<String> allGather(String message) {
    round++;
    try {
      Path draft = Files.writeString(folder.resolve("draft-" + rank), message);
      Files.move(draft, file(rank), StandardCopyOption.ATOMIC_MOVE);
      List<String> messages = new ArrayList<>();
      for (int other = 0; other < size; other++) {
        messages.add(Files.readString(awaited(file(other))));
      }
      return messages;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(int of) {
    return folder.resolve(String.format(Locale.ROOT, "round-%d-rank-%d", round, of));
  }

  private static Path awaited(Path file) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!Files.exists(file)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("no " + file);
      }
      LockSupport.parkNanos(1_000_000);
    }
    return file;
  }
}
