package dev.penstock.spark.hub;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;

/** Content as a server sends it: all of it, its head, or from a byte on. */
final class HubResponse {
  private HubResponse() {}

  static int from(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
  }

  static void head(HttpExchange exchange, byte[] content, int from) throws IOException {
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %s-%s/%s".formatted(from, content.length - 1, content.length));
    }
    boolean isHead = exchange.getRequestMethod().equals("HEAD");
    if (isHead) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, isHead ? -1 : content.length - from);
  }

  static void send(HttpExchange exchange, byte[] content) throws IOException {
    send(exchange, content, from(exchange));
  }

  static void send(HttpExchange exchange, byte[] content, int from) throws IOException {
    head(exchange, content, from);
    if (!exchange.getRequestMethod().equals("HEAD")) {
      try (OutputStream body = exchange.getResponseBody()) {
        body.write(content, from, content.length - from);
      }
    }
  }
}
