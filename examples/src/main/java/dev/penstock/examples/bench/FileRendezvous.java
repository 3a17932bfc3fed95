package dev.penstock.examples.bench;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.RunSecret;
import dev.penstock.engine.comm.TransportException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Ranks in several JVMs of one host meet in a folder: one file a rank and round. */
final class FileRendezvous implements Rendezvous {
  private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

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
    return folder.getFileName().toString();
  }

  @Override
  public LinkOptions links() {
    return LinkOptions.of(RunSecret.of(folder.toString())); // a bench, on one host
  }

  @Override
  public List<String> allGather(String message) {
    try {
      Path unfinished = Files.writeString(folder.resolve("unfinished-" + rank), message);
      Files.move(unfinished, file(rank), StandardCopyOption.ATOMIC_MOVE);
      List<String> messages = new ArrayList<>();
      for (int peer = 0; peer < size; peer++) {
        messages.add(await(peer));
      }
      round++;
      return messages;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(int peer) {
    return folder.resolve("round-" + round + "-rank-" + peer);
  }

  private String await(int peer) throws IOException {
    long deadline = System.nanoTime() + TIMEOUT_NANOS;
    while (!Files.exists(file(peer))) {
      if (System.nanoTime() > deadline) {
        throw new TransportException(
            String.format(Locale.ROOT, "Rank %d did not come to %s.", peer, folder));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return Files.readString(file(peer));
  }
}
