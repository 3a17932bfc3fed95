package dev.penstock.spark.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A hub on this machine, which speaks as the public one does: small files come from another path of
 * it, large ones from another server. The official client fetches from it too.
 */
public final class TestHub implements AutoCloseable {
  static {
    // Else each answer waits for an acknowledgement, 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private static final int SMALL = 307;
  private static final int LARGE = 302;

  /** One request. */
  public record Request(
      boolean ofStorage,
      String method,
      String path,
      @Nullable String authorization,
      @Nullable String range) {}

  private final SortedMap<String, SortedMap<String, byte[]>> models = new TreeMap<>();
  private final Map<String, Queue<HubFault>> faults = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer hub = server(this::answer);
  private final HttpServer storage = server(this::answerOfStorage);
  private @Nullable String token;
  private boolean knowsRanges = true;

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private HttpServer server(Answer answer) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            try (exchange) {
              answer.to(exchange);
            }
          });
      server.setExecutor(threads);
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it is. */
  public String endpoint() {
    return address(hub);
  }

  private static String address(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Puts a file into a model. */
  public TestHub put(String id, String file, byte[] content) {
    models.computeIfAbsent(id, key -> new TreeMap<>()).put(file, content.clone());
    return this;
  }

  /** The same with text. */
  public TestHub put(String id, String file, String text) {
    return put(id, file, text.getBytes(UTF_8));
  }

  /** Puts the files of a folder into a model. */
  public TestHub put(String id, Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        put(id, file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return this;
  }

  /** Only who has this token may read. */
  public TestHub demand(String secret) {
    token = secret;
    return this;
  }

  /** From now on sends whole files alone. */
  public TestHub forgetRanges() {
    knowsRanges = false;
    return this;
  }

  /**
   * Answers the next GETs of a path otherwise.
   *
   * @param path its end: that of a large file on the other server is /ORG/NAME/FILE
   */
  public TestHub fault(String path, HubFault... next) {
    faults.computeIfAbsent(path, key -> new ConcurrentLinkedQueue<>()).addAll(List.of(next));
    return this;
  }

  /** Says nothing until the hub closes. */
  public HubFault silent() {
    return (exchange, content) -> {
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** All that was asked so far. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Paths that were asked so far. */
  public List<String> paths(String method) {
    return requests.stream()
        .filter(request -> request.method.equals(method))
        .map(Request::path)
        .toList();
  }

  /** The commit of a model as it is now. */
  public String commit(String id) {
    StringBuilder all = new StringBuilder(id);
    models.get(id).forEach((name, content) -> all.append(name).append(sha256(content)));
    return digest("SHA-1", all.toString().getBytes(UTF_8));
  }

  private Request noted(HttpExchange exchange, boolean ofStorage) {
    Request request =
        new Request(
            ofStorage,
            exchange.getRequestMethod(),
            exchange.getRequestURI().getPath(),
            exchange.getRequestHeaders().getFirst("Authorization"),
            exchange.getRequestHeaders().getFirst("Range"));
    requests.add(request);
    return request;
  }

  private @Nullable HubFault fault(Request request) {
    for (Map.Entry<String, Queue<HubFault>> entry : faults.entrySet()) {
      if (request.path.endsWith(entry.getKey()) && !request.method.equals("HEAD")) {
        return entry.getValue().poll();
      }
    }
    return null;
  }

  private void answer(HttpExchange exchange) throws IOException {
    Request request = noted(exchange, false);
    if (token != null && !("Bearer " + token).equals(request.authorization)) {
      boolean unknown = request.authorization != null;
      refuse(
          exchange,
          401,
          unknown ? "" : "RepoNotFound",
          unknown ? "Invalid credentials in Authorization header" : "Repository not found");
      return;
    }
    String path = request.path;
    boolean ofApi = path.startsWith("/api/models/");
    String id =
        models.keySet().stream()
            .filter(
                name ->
                    path.startsWith((ofApi ? "/api/models/" : "/") + name + "/")
                        || path.startsWith("/api/resolve-cache/models/" + name + "/"))
            .findFirst()
            .orElse(null);
    if (id == null) {
      refuse(exchange, 404, "RepoNotFound", "Repository not found");
      return;
    }
    String rest = path.substring(path.indexOf(id) + id.length() + 1);
    String[] parts = rest.split("/", 3);
    String revision = path.contains("/resolve-cache/") ? parts[0] : parts[1];
    String commit = commit(id);
    if (!List.of("main", "v1", commit).contains(revision)) {
      refuse(exchange, 404, "RevisionNotFound", "Invalid rev id: " + revision);
    } else if (ofApi) {
      HubFault fault = fault(request);
      byte[] json = (parts[0].equals("tree") ? tree(id) : info(id, commit)).getBytes(UTF_8);
      if (fault == null) {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        HubResponse.send(exchange, json);
      } else {
        fault.answer(exchange, json);
      }
    } else if (path.contains("/resolve-cache/")) {
      file(exchange, request, id, rest.substring(rest.indexOf('/') + 1), commit);
    } else {
      resolve(exchange, request, id, parts[2], commit);
    }
  }

  private String info(String id, String commit) {
    return """
        {"_id": "1", "id": "%s", "modelId": "%s", "sha": "%s", "private": false, "tags": [],
         "downloads": 0, "siblings": [%s]}
        """
        .formatted(
            id,
            id,
            commit,
            models.get(id).keySet().stream()
                .map("{\"rfilename\": \"%s\"}"::formatted)
                .collect(Collectors.joining(", ")));
  }

  /** What the official client asks for instead. */
  private String tree(String id) {
    return models.get(id).entrySet().stream()
        .map(
            file ->
                "{\"type\": \"file\", \"path\": \"%s\", \"size\": %s, \"oid\": \"%s\"%s}"
                    .formatted(
                        file.getKey(),
                        file.getValue().length,
                        gitId(file.getValue()),
                        isLarge(file.getKey())
                            ? ", \"lfs\": {\"oid\": \"%s\", \"size\": %s, \"pointerSize\": 134}"
                                .formatted(sha256(file.getValue()), file.getValue().length)
                            : ""))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private void resolve(
      HttpExchange exchange, Request request, String id, String file, String commit)
      throws IOException {
    byte[] content = models.get(id).get(file);
    HubFault fault = fault(request);
    if (fault != null) {
      fault.answer(exchange, content);
      return;
    }
    if (content == null) {
      refuse(exchange, 404, "EntryNotFound", "Entry not found");
      return;
    }
    exchange.getResponseHeaders().set("X-Repo-Commit", commit);
    if (isLarge(file)) {
      exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(content.length));
      exchange.getResponseHeaders().set("X-Linked-ETag", '"' + sha256(content) + '"');
      redirect(exchange, LARGE, address(storage) + "/" + id + "/" + file + "?signature=secret");
    } else {
      redirect(exchange, SMALL, "/api/resolve-cache/models/" + id + "/" + commit + "/" + file);
    }
  }

  private void file(HttpExchange exchange, Request request, String id, String file, String commit)
      throws IOException {
    byte[] content = models.get(id).get(file);
    exchange.getResponseHeaders().set("X-Repo-Commit", commit);
    exchange.getResponseHeaders().set("ETag", '"' + gitId(content) + '"');
    serve(exchange, request, content);
  }

  private void answerOfStorage(HttpExchange exchange) throws IOException {
    Request request = noted(exchange, true);
    String path = request.path.substring(1);
    String id = path.substring(0, path.lastIndexOf('/'));
    serve(exchange, request, models.get(id).get(path.substring(path.lastIndexOf('/') + 1)));
  }

  private void serve(HttpExchange exchange, Request request, byte[] content) throws IOException {
    HubFault fault = fault(request);
    if (fault != null) {
      fault.answer(exchange, content);
    } else {
      HubResponse.send(exchange, content, knowsRanges ? HubResponse.from(exchange) : 0);
    }
  }

  private static void redirect(HttpExchange exchange, int status, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(status, -1);
  }

  private static void refuse(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    if (!code.isEmpty()) {
      exchange.getResponseHeaders().set("X-Error-Code", code);
    }
    exchange.getResponseHeaders().set("X-Error-Message", message);
    exchange.sendResponseHeaders(status, -1);
  }

  private static boolean isLarge(String file) {
    return file.endsWith(".safetensors") || file.endsWith(".bin");
  }

  static String sha256(byte[] content) {
    return digest("SHA-256", content);
  }

  /** The id of a blob in git. */
  static String gitId(byte[] content) {
    byte[] head = ("blob " + content.length + "\0").getBytes(UTF_8);
    byte[] all = Arrays.copyOf(head, head.length + content.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    return digest("SHA-1", all);
  }

  private static String digest(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    hub.stop(0);
    storage.stop(0);
    threads.shutdownNow();
  }
}
