package dev.penstock.spark.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Serves the page of one fit, and its events as they come (server-sent events). Read-only. At an
 * address that other hosts reach, every path begins with a secret; at the loopback interface, only
 * requests that name that are answered, so that no page from elsewhere can read it by a name of its
 * own for this host.
 */
final class PageServer implements AutoCloseable {
  private static final int MAX_READERS = 32;
  private static final int SECRET_BYTES = 16;
  private static final Duration PING = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d+)?", Pattern.CASE_INSENSITIVE);

  private final EventLog log;
  private final PageText page;
  private final HttpServer server;
  private final ExecutorService threads;
  private final boolean loopback;
  private final String root;
  private final String url;
  private final Semaphore readers = new Semaphore(MAX_READERS);

  private PageServer(EventLog log, PageText page, InetAddress host, int port) throws IOException {
    this.log = log;
    this.page = page;
    loopback = host.isLoopbackAddress();
    root = loopback ? "/" : "/" + secret() + "/";
    server = HttpServer.create(new InetSocketAddress(host, port), 0);
    AtomicInteger count = new AtomicInteger();
    threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "penstock-page-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    String name =
        host.isAnyLocalAddress() ? InetAddress.getLocalHost().getHostName() : address(host);
    url = String.format(Locale.ROOT, "http://%s:%d%s", name, server.getAddress().getPort(), root);
  }

  /**
   * Begins to serve.
   *
   * @param port 0: any that is free
   */
  static PageServer start(EventLog log, PageText page, String host, int port) throws IOException {
    return new PageServer(log, page, InetAddress.getByName(host), port);
  }

  private static String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String address(InetAddress host) {
    String address = host.getHostAddress();
    return address.contains(":") ? "[" + address + "]" : address;
  }

  /** Where the page is, with its secret if it has one. */
  String url() {
    return url;
  }

  /** Pages that wait for events. */
  int open() {
    return MAX_READERS - readers.availablePermits();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!isAllowed(exchange, path)) {
        send(exchange, 404, "text/plain", "There is nothing here.\n");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", "This page can only be read.\n");
      } else if (path.equals(root)) {
        send(exchange, 200, "text/html", page.live(log.all()));
      } else if (path.equals(root + "events")) {
        events(exchange);
      } else {
        send(exchange, 404, "text/plain", "There is nothing here.\n");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isAllowed(HttpExchange exchange, String path) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    if (loopback) {
      return host != null && LOOPBACK.matcher(host).matches();
    }
    String given = path.substring(0, Math.min(root.length(), path.length()));
    return MessageDigest.isEqual(given.getBytes(UTF_8), root.getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    Headers headers = headers(exchange, type);
    headers.set("X-Frame-Options", "DENY");
    byte[] bytes = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static Headers headers(HttpExchange exchange, String type) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type + "; charset=utf-8");
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    return headers;
  }

  private void events(HttpExchange exchange) throws IOException, InterruptedException {
    if (!readers.tryAcquire()) {
      send(exchange, 503, "text/plain", "Too many pages are open.\n");
      return;
    }
    try {
      headers(exchange, "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      long last = lastSeen(exchange);
      while (true) {
        boolean ended = log.isEnded(); // asked first: what came before its end is sent below
        List<EventLog.Entry> entries = log.after(last, PING);
        StringBuilder text = new StringBuilder(entries.isEmpty() ? ":\n\n" : "");
        for (EventLog.Entry entry : entries) {
          last = entry.number();
          text.append("id: ").append(last).append("\ndata: ").append(entry.json()).append("\n\n");
        }
        if (ended) {
          text.append("event: end\ndata: {}\n\n");
        }
        out.write(text.toString().getBytes(UTF_8));
        out.flush();
        if (ended) {
          return;
        }
      }
    } finally {
      readers.release();
    }
  }

  /** What the page has: from its own first request, or from a browser that connects once more. */
  private static long lastSeen(HttpExchange exchange) {
    String again = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    String query = exchange.getRequestURI().getQuery();
    String number = again != null ? again : query == null ? "" : query.replaceFirst("^after=", "");
    return number.matches("\\d{1,18}") ? Long.parseLong(number) : 0;
  }

  /** Ends once the open pages have all events, though not much later. */
  @Override
  public void close() {
    log.end();
    boolean interrupted = Thread.interrupted();
    try {
      readers.tryAcquire(MAX_READERS, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    server.stop(0);
    threads.shutdownNow();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
