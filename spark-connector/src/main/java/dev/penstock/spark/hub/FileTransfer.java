package dev.penstock.spark.hub;

import dev.penstock.storage.FileOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/**
 * Brings one file from a hub into a cache, a piece at a time. Goes on where a connection broke off,
 * and takes the file in only if size and SHA-256 are what the hub says. Used by one thread.
 */
final class FileTransfer {
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
    for (int attempt = 1; ; attempt++) {
      try (FileOutput out = model.create(commit, file)) {
        Optional<String> wrong = receive(out);
        if (wrong.isEmpty()) {
          out.commit();
          break;
        }
        if (attempt == ATTEMPTS) {
          throw new HubConnectionException(wrong.get(), null);
        }
        http.again(wrong.get(), HubHttp.backOff(attempt));
      }
    }
    model.publish(commit, file);
  }

  /** Receives all bytes; gives what is wrong with them. */
  private Optional<String> receive(OutputStream out) throws IOException {
    MessageDigest digest = sha256();
    long at = 0;
    OptionalLong size = file.size();
    int attempt = 1;
    while (true) {
      long before = at;
      try (HubAnswer answer = client.open(name, file.name(), at)) {
        if (size.isEmpty() && answer.bytes("Content-Length").isPresent()) {
          size = OptionalLong.of(answer.offset() + answer.bytes("Content-Length").get());
        }
        try (InputStream body = bodyFrom(at, answer)) {
          byte[] piece = new byte[PIECE_BYTES];
          for (int n = read(body, piece, answer); n >= 0; n = read(body, piece, answer)) {
            out.write(piece, 0, n);
            digest.update(piece, 0, n);
            at += n;
            progress.accept(n);
            if (size.isPresent() && at > size.getAsLong()) {
              break;
            }
          }
        }
        if (size.isEmpty() || at >= size.getAsLong()) {
          break;
        }
        throw new HubConnectionException(
            String.format(
                Locale.ROOT,
                "%s ends after %,d of %,d bytes",
                answer.where(),
                at,
                size.getAsLong()),
            null);
      } catch (HubConnectionException e) {
        attempt = at > before ? 1 : attempt + 1;
        if (attempt > ATTEMPTS) {
          throw e;
        }
        http.again(e.getMessage(), HubHttp.backOff(attempt));
      }
    }
    Optional<String> wrong = wrong(at, HexFormat.of().formatHex(digest.digest()));
    if (wrong.isPresent()) {
      progress.accept(-at);
    }
    return wrong;
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
