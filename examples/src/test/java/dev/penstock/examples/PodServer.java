package dev.penstock.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of a Kubernetes API server as Spark's own backend asks for: pods and config maps of one
 * namespace, listed and watched. A {@link Kubelet} runs the pods.
 */
final class PodServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAMESPACE = "/api/v1/namespaces/default/";
  private static final String PODS = "pods";
  private static final Pattern SELECTOR = Pattern.compile("labelSelector=([^&]*)");
  private static final Pattern LABEL = Pattern.compile("([^,=!]+)(!?)=([^,]*)");

  private final Map<String, ObjectNode> objects = new ConcurrentHashMap<>();
  private final Queue<Watch> watches = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final Kubelet kubelet;

  /** Who hears of changes of the objects that the query selects. */
  private record Watch(String query, BlockingQueue<String> events) {}

  PodServer(Kubelet kubelet) throws IOException {
    this.kubelet = kubelet;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    if (!path.startsWith(NAMESPACE)) {
      send(exchange, 404, status("Failure"));
      return;
    }
    String name = path.substring(NAMESPACE.length());
    switch (exchange.getRequestMethod()) {
      case "POST" -> send(exchange, 201, create(name, JSON.readTree(exchange.getRequestBody())));
      case "GET" -> {
        if (exchange.getRequestHeaders().containsKey("Upgrade")) {
          send(
              exchange, 200, JSON.createObjectNode()); // no web sockets here: it asks again without
        } else if (query.contains("watch=true")) {
          watch(exchange, query);
        } else if (name.contains("/")) {
          ObjectNode object = objects.get(name);
          send(exchange, object == null ? 404 : 200, object == null ? status("Failure") : object);
        } else {
          send(exchange, 200, list(name, query));
        }
      }
      case "DELETE" -> {
        delete(name);
        send(exchange, 200, status("Success"));
      }
      default -> send(exchange, 200, objects.getOrDefault(name, JSON.createObjectNode()));
    }
  }

  private JsonNode create(String kind, JsonNode body) {
    ObjectNode object = (ObjectNode) body;
    ObjectNode metadata = object.withObject("/metadata");
    metadata.put("uid", UUID.randomUUID().toString());
    metadata.put("namespace", "default");
    metadata.put("resourceVersion", "1");
    metadata.put("creationTimestamp", Instant.now().toString());
    String name = metadata.path("name").asText();
    objects.put(kind + "/" + name, object);
    if (kind.equals(PODS)) {
      object.withObject("/status").put("phase", "Running").put("podIP", "127.0.0.1");
      kubelet.start(name, object, exitCode -> ended(name, exitCode));
    }
    return object;
  }

  /** Says of a pod what a kubelet would; a process that was killed had too little memory here. */
  private void ended(String name, int exitCode) {
    ObjectNode pod = objects.get(PODS + "/" + name);
    if (pod == null) {
      return; // it was deleted, and so ended
    }
    ObjectNode changed = pod.deepCopy();
    ObjectNode status = changed.withObject("/status");
    status.put("phase", exitCode == 0 ? "Succeeded" : "Failed");
    status
        .putArray("containerStatuses")
        .addObject()
        .put("name", pod.at("/spec/containers/0/name").asText())
        .put("ready", false)
        .put("restartCount", 0)
        .put("image", "any")
        .put("imageID", "any")
        .withObject("/state/terminated")
        .put("exitCode", exitCode)
        .put("reason", exitCode == 137 ? "OOMKilled" : "Error");
    objects.put(PODS + "/" + name, changed);
    tell("MODIFIED", changed);
  }

  private void delete(String name) {
    ObjectNode object = objects.remove(name);
    if (object != null && name.startsWith(PODS)) {
      kubelet.stop(object.at("/metadata/name").asText());
      tell("DELETED", object);
    }
  }

  /** Whether an object has the labels that a query asks for, if it asks for any. */
  private static boolean isSelected(String query, JsonNode object) {
    Matcher selector = SELECTOR.matcher(query);
    JsonNode labels = object.at("/metadata/labels");
    return !selector.find()
        || LABEL
            .matcher(selector.group(1))
            .results()
            .allMatch(
                label ->
                    labels.path(label.group(1)).asText().equals(label.group(3))
                        == label.group(2).isEmpty());
  }

  private JsonNode list(String kind, String query) {
    ObjectNode list = JSON.createObjectNode();
    list.put("kind", kind.equals(PODS) ? "PodList" : "ConfigMapList").put("apiVersion", "v1");
    list.withObject("/metadata").put("resourceVersion", "1");
    var items = list.putArray("items");
    objects.forEach(
        (name, object) -> {
          if (name.startsWith(kind + "/") && isSelected(query, object)) {
            items.add(object);
          }
        });
    return list;
  }

  private void watch(HttpExchange exchange, String query) throws IOException {
    Watch watch = new Watch(query, new LinkedBlockingQueue<>());
    watches.add(watch);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.flush();
      while (true) {
        out.write((watch.events().take() + "\n").getBytes(UTF_8));
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the server is closed
    } finally {
      watches.remove(watch);
    }
  }

  private void tell(String type, ObjectNode object) {
    String event = JSON.createObjectNode().put("type", type).set("object", object).toString();
    watches.stream()
        .filter(watch -> isSelected(watch.query(), object))
        .forEach(watch -> watch.events().add(event));
  }

  private static JsonNode status(String status) {
    return JSON.createObjectNode()
        .put("kind", "Status")
        .put("apiVersion", "v1")
        .put("status", status);
  }

  private static void send(HttpExchange exchange, int code, JsonNode body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    kubelet.close();
  }
}
