package dev.penstock.spark.hub;

import dev.penstock.engine.config.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a server answered: status, headers, and a body that is read as it comes. */
final class HubAnswer implements AutoCloseable {
  /** Whoever is to wait for longer is told so instead. */
  static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private static final int PARTIAL = 206;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-.*");
  private static final Pattern RATE_LIMIT = Pattern.compile(".*\\bt=(\\d{1,9})\\b.*");

  private final HttpURLConnection connection;
  private final URI uri;
  private final int status;

  private HubAnswer(HttpURLConnection connection, URI uri, int status) {
    this.connection = connection;
    this.uri = uri;
    this.status = status;
  }

  /** Waits for status and headers. */
  static HubAnswer of(HttpURLConnection connection, URI uri) throws HubConnectionException {
    try {
      int status = connection.getResponseCode();
      if (status > 0) {
        return new HubAnswer(connection, uri, status);
      }
      connection.disconnect();
      throw new HubConnectionException(where(uri) + " does not speak HTTP", null);
    } catch (HubConnectionException e) {
      throw e;
    } catch (IOException e) {
      connection.disconnect();
      throw failure(uri, e);
    }
  }

  URI uri() {
    return uri;
  }

  int status() {
    return status;
  }

  boolean isOk() {
    return status == HttpURLConnection.HTTP_OK || status == PARTIAL;
  }

  /** Where it redirects to; null: it does not. */
  @Nullable URI redirect() throws HubConnectionException {
    String location = connection.getHeaderField("Location");
    boolean redirects =
        switch (status) {
          case 301, 302, 303, 307, 308 -> location != null;
          default -> false;
        };
    try {
      return redirects ? uri.resolve(location) : null;
    } catch (IllegalArgumentException e) {
      throw new HubConnectionException(
          "%s redirects to %s, which is no address.".formatted(where(), Quoted.of(location)), e);
    }
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(connection.getHeaderField(name));
  }

  /** A header that is a number of bytes. */
  Optional<Long> bytes(String name) {
    return header(name).filter(text -> text.matches("\\d{1,18}")).map(Long::valueOf);
  }

  /** The first byte of the file that the body has. */
  long offset() {
    Matcher range = RANGE.matcher(header("Content-Range").orElse(""));
    return status == PARTIAL && range.matches() ? Long.parseLong(range.group(1)) : 0;
  }

  /** How long the server wants to be left alone. */
  Optional<Duration> retryAfter() {
    return header("Retry-After").flatMap(this::wait).or(this::rateLimit);
  }

  private Optional<Duration> wait(String text) {
    if (text.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    // A date is one by the server's clock, which may not be ours.
    Instant now = header("Date").flatMap(HubAnswer::date).orElseGet(Instant::now);
    return date(text).map(then -> Duration.between(now, then)).filter(wait -> !wait.isNegative());
  }

  private static Optional<Instant> date(String text) {
    try {
      return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text.strip())));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private Optional<Duration> rateLimit() {
    Matcher limit = RATE_LIMIT.matcher(header("RateLimit").orElse(""));
    return status == TOO_MANY_REQUESTS && limit.matches()
        ? Optional.of(Duration.ofSeconds(Long.parseLong(limit.group(1))))
        : Optional.empty();
  }

  /** At most so many bytes of the body; it is read once. */
  byte[] read(int maxBytes) throws IOException {
    try (InputStream body = body()) {
      byte[] bytes = body.readNBytes(maxBytes);
      if (body.read() >= 0) {
        throw new HubConnectionException(
            "%s sends more than %s bytes, too many for what was asked."
                .formatted(where(), maxBytes),
            null);
      }
      return bytes;
    } catch (HubConnectionException e) {
      throw e;
    } catch (IOException e) {
      throw failure(uri, e);
    }
  }

  /** The body. Its failures are those of the connection. */
  InputStream body() throws HubConnectionException {
    try {
      InputStream body = isOk() ? connection.getInputStream() : connection.getErrorStream();
      return body == null ? InputStream.nullInputStream() : body;
    } catch (IOException e) {
      throw failure(uri, e);
    }
  }

  HubConnectionException failure(IOException e) {
    return failure(uri, e);
  }

  private static HubConnectionException failure(URI uri, IOException e) {
    return new HubConnectionException(
        "%s: %s".formatted(where(uri), Quoted.plain(e.getMessage() == null ? e : e.getMessage())),
        e);
  }

  /** The address without what it may hold of secrets. */
  String where() {
    return where(uri);
  }

  static String where(URI uri) {
    return uri.getHost() == null
        ? Quoted.of(uri.getScheme() + ":...")
        : Quoted.plain(uri.getScheme() + "://" + uri.getHost() + port(uri) + uri.getPath());
  }

  private static String port(URI uri) {
    return uri.getPort() < 0 ? "" : ":" + uri.getPort();
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
