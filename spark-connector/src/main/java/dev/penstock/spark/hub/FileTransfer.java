package dev.penstock.spark.hub;

import dev.penstock.storage.FileOutput;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one file from a hub into a cache, a piece at a time. Goes on where a connection broke off,
 * or an earlier driver did, and takes the file in only if size and SHA-256 are what the hub says.
 * Used by one thread.
 */
final class FileTransfer {
  private static final Logger log = LoggerFactory.getLogger(FileTransfer.class);
  private static final int PIECE_BYTES = 1 << 18;

  /** How often nothing may come, or something wrong. */
  private static final int ATTEMPTS = 5;

  private final HubClient client;
  private final HubHttp http;
  private final HubName name;
  private final RemoteFile file;
  private final LongConsumer progress;

  /**
   * @param name the model at a commit
   * @param progress is told of bytes as they come, and of less than none if they come once more
   */
  FileTransfer(
      HubClient client, HubHttp http, HubName name, RemoteFile file, LongConsumer progress) {
    this.client = client;
    this.http = http;
    this.name = name;
    this.file = file;
    this.progress = progress;
  }

  /** Brings it into the snapshot of its commit. */
  void into(CachedModel model) throws IOException {
    String commit = name.revision();
    CachedModel.Place place = model.place(commit, file);
    try {
      write(place);
    } catch (HubConnectionException | InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      // Another driver may have gone on from what is written here, and have brought the file.
      if (model.adopt(commit, file)) {
        return;
      }
      throw e;
    }
    model.publish(commit, file);
    removeParts(place);
  }

  /** Who still writes one finds the file itself where this one is gone. */
  private void removeParts(CachedModel.Place place) {
    try {
      for (String part : place.folder().unfinished(place.name())) {
        place.folder().delete(part);
      }
    } catch (IOException e) {
      log.warn("What earlier drivers left of {} of {} cannot be removed", file.name(), name, e);
    }
  }

  private void write(CachedModel.Place place) throws IOException {
    Optional<String> part = longestPart(place);
    for (int attempt = 1; ; attempt++) {
      try (FileOutput out = place.folder().create(place.name())) {
        Optional<String> wrong = receiveOrLeave(out, place.folder(), part);
        if (wrong.isEmpty()) {
          out.commit();
          return;
        }
        if (attempt == ATTEMPTS) {
          throw new HubConnectionException(wrong.get(), null);
        }
        http.again(wrong.get(), HubHttp.backOff(attempt));
      }
      part = Optional.empty(); // it may be what was wrong
    }
  }

  /**
   * The most that a driver before this one, or beside it, has of the file. Its bytes are taken over
   * and not its file, for nobody knows whether it is still written to.
   */
  private Optional<String> longestPart(CachedModel.Place place) throws IOException {
    if (file.sha256().isEmpty()) {
      return Optional.empty(); // nothing would tell if they were others
    }
    Folder folder = place.folder();
    long most = 0;
    String longest = null;
    for (String part : folder.unfinished(place.name())) {
      long bytes = folder.exists(part) ? folder.length(part) : 0;
      if (bytes > most && bytes <= file.size().orElse(Long.MAX_VALUE)) {
        most = bytes;
        longest = part;
      }
    }
    return Optional.ofNullable(longest);
  }

  /** Receives all bytes; gives what is wrong with them. What came before a failure stays. */
  private Optional<String> receiveOrLeave(FileOutput out, Folder folder, Optional<String> part)
      throws IOException {
    MessageDigest digest = sha256();
    OutputStream digested = new DigestOutputStream(out, digest);
    try {
      long begun = part.isPresent() ? copy(folder, part.get(), digested) : 0;
      long bytes = receive(digested, begun);
      Optional<String> wrong = wrong(bytes, HexFormat.of().formatHex(digest.digest()));
      wrong.ifPresent(why -> progress.accept(-bytes));
      return wrong;
    } catch (HubConnectionException | InterruptedIOException e) {
      out.leave();
      throw e;
    }
  }

  private long copy(Folder folder, String part, OutputStream out) throws IOException {
    try (InputStream in = Channels.newInputStream(folder.open(part))) {
      long bytes = in.transferTo(out);
      progress.accept(bytes);
      log.info("{} of {} goes on after {} bytes that are here", file.name(), name, bytes);
      return bytes;
    }
  }

  /** Receives the bytes from {@code begun} on; gives how many there are in all. */
  private long receive(OutputStream out, long begun) throws IOException {
    long at = begun;
    OptionalLong size = file.size();
    int attempt = 1;
    while (size.isEmpty() || at < size.getAsLong()) {
      long before = at;
      try (HubAnswer answer = client.open(name, file.name(), at)) {
        if (size.isEmpty() && answer.bytes("Content-Length").isPresent()) {
          size = OptionalLong.of(answer.offset() + answer.bytes("Content-Length").get());
        }
        try (InputStream body = bodyFrom(at, answer)) {
          byte[] piece = new byte[PIECE_BYTES];
          for (int n = read(body, piece, answer); n >= 0; n = read(body, piece, answer)) {
            out.write(piece, 0, n);
            at += n;
            progress.accept(n);
            if (size.isPresent() && at > size.getAsLong()) {
              break;
            }
          }
        }
        if (size.isEmpty()) {
          break;
        }
        if (at < size.getAsLong()) {
          throw new HubConnectionException(
              String.format(
                  Locale.ROOT,
                  "%s ends after %,d of %,d bytes",
                  answer.where(),
                  at,
                  size.getAsLong()),
              null);
        }
      } catch (HubConnectionException e) {
        attempt = at > before ? 1 : attempt + 1;
        if (attempt > ATTEMPTS) {
          throw e;
        }
        http.again(e.getMessage(), HubHttp.backOff(attempt));
      }
    }
    return at;
  }

  /** The rest of a file. A server that knows no ranges sends all of it again. */
  private static InputStream bodyFrom(long at, HubAnswer answer) throws HubConnectionException {
    InputStream body = answer.body();
    try {
      if (answer.offset() > at) {
        throw new IOException("sends another part of the file than was asked for");
      }
      body.skipNBytes(at - answer.offset());
      return body;
    } catch (IOException e) {
      throw answer.failure(e);
    }
  }

  private static int read(InputStream body, byte[] piece, HubAnswer answer) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("Interrupted while fetching from a hub.");
    }
    try {
      return body.read(piece);
    } catch (IOException e) {
      throw answer.failure(e);
    }
  }

  private Optional<String> wrong(long bytes, String sha256) {
    if (file.size().isPresent() && file.size().getAsLong() != bytes) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%s of %s came with more than the %,d bytes that the hub says it has",
              file.name(),
              name,
              file.size().getAsLong()));
    }
    return file.sha256()
        .filter(expected -> !expected.equals(sha256))
        .map(
            expected ->
                "%s of %s came damaged: its SHA-256 is %s, and the hub says %s"
                    .formatted(file.name(), name, sha256, expected));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JVM has it
    }
  }
}
