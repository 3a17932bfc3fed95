package dev.penstock.spark.hub;

import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Authenticator;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests to a hub, and to where it sends us. Follows redirects itself, for the token must not go
 * along to another host. Asks again where the hub is busy, stumbles, or is silent. Thread-safe.
 *
 * <p>By HttpURLConnection: the newer client of the JDK waits for a silent body for ever, and puts
 * all transfers from a host on one connection.
 */
final class HubHttp {
  private static final Logger log = LoggerFactory.getLogger(HubHttp.class);
  private static final int MAX_REDIRECTS = 10;
  private static final int ATTEMPTS = 5;
  private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);

  /** Waits; tests do not. */
  interface Pause {
    void pause(Duration duration) throws InterruptedException;
  }

  private final HubSettings settings;
  private final Pause pause;

  HubHttp(HubSettings settings, Pause pause) {
    this.settings = settings;
    this.pause = pause;
  }

  /**
   * The head of a file, without redirects to other hosts: what is said of it stands in front of
   * those.
   */
  HubAnswer head(URI uri) throws IOException {
    return send("HEAD", uri, 0);
  }

  /**
   * A file, from a byte on.
   *
   * @return what the last host answers, which may be the whole file; the caller closes it
   */
  HubAnswer get(URI uri, long offset) throws IOException {
    return send("GET", uri, offset);
  }

  private HubAnswer send(String method, URI uri, long offset) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        HubAnswer answer = follow(method, uri, offset);
        Duration wait = answer.retryAfter().orElse(backOff(attempt));
        if (!PASSING.contains(answer.status())
            || attempt == ATTEMPTS
            || wait.compareTo(HubAnswer.LONGEST_WAIT) > 0) {
          return answer;
        }
        answer.close();
        again(answer.where() + " answers " + answer.status(), wait);
      } catch (HubConnectionException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        again(e.getMessage(), backOff(attempt));
      }
    }
  }

  /** How long to wait before another attempt: 1, 2, 4 s and so on. */
  static Duration backOff(int attempt) {
    return Duration.ofSeconds(1L << (attempt - 1));
  }

  /** Waits before another attempt. */
  void again(String why, Duration wait) throws InterruptedIOException {
    log.info("{}: asked again in {} s", why, wait.toSeconds());
    try {
      pause.pause(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while waiting for a hub.");
    }
  }

  private HubAnswer follow(String method, URI from, long offset) throws IOException {
    URI uri = from;
    for (int hops = 0; hops <= MAX_REDIRECTS; hops++) {
      HubAnswer answer = HubAnswer.of(connection(method, uri, offset), uri);
      URI target = answer.redirect();
      if (target == null || (method.equals("HEAD") && !isSameHost(target, from))) {
        return answer;
      }
      answer.close();
      if (!isWeb(target) || (isSecure(uri) && !isSecure(target))) {
        throw astray(answer.where() + " redirects to " + HubAnswer.where(target));
      }
      uri = target;
    }
    throw astray(HubAnswer.where(from) + " redirects again and again");
  }

  private static ConfigException astray(String problem) {
    return new ConfigException(
        problem
            + ", which is not followed. Check HF_ENDPOINT, and whether a proxy changes what comes from there.");
  }

  private HttpURLConnection connection(String method, URI uri, long offset)
      throws HubConnectionException {
    try {
      HttpURLConnection connection = open(uri);
      int millis = (int) settings.timeout().toMillis();
      connection.setConnectTimeout(millis);
      connection.setReadTimeout(millis);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestMethod(method);
      connection.setRequestProperty("User-Agent", "penstock");
      connection.setRequestProperty("Accept-Encoding", "identity");
      if (offset > 0) {
        connection.setRequestProperty("Range", "bytes=" + offset + "-");
      }
      if (settings.token().isPresent() && isSameHost(uri, settings.endpoint())) {
        connection.setRequestProperty("Authorization", "Bearer " + settings.token().get().value());
      }
      return connection;
    } catch (IOException | IllegalArgumentException e) {
      throw new HubConnectionException(HubAnswer.where(uri) + " cannot be asked: " + e, e);
    }
  }

  /** Without a proxy of the hub's, by those of the JVM's own properties. */
  private HttpURLConnection open(URI uri) throws IOException {
    Optional<HubProxies.Address> proxy = settings.proxies().of(uri);
    if (proxy.isEmpty()) {
      return (HttpURLConnection) uri.toURL().openConnection();
    }
    HttpURLConnection connection =
        (HttpURLConnection) uri.toURL().openConnection(proxy.get().proxy());
    Authenticator authenticator = proxy.get().authenticator();
    if (authenticator != null) {
      connection.setAuthenticator(authenticator);
    }
    return connection;
  }

  static boolean isWeb(URI uri) {
    return uri.getHost() != null && ("http".equalsIgnoreCase(uri.getScheme()) || isSecure(uri));
  }

  private static boolean isSecure(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme());
  }

  /** Whether two addresses are of one server. */
  static boolean isSameHost(URI one, URI other) {
    return isWeb(one)
        && isWeb(other)
        && one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : isSecure(uri) ? 443 : 80;
  }
}
