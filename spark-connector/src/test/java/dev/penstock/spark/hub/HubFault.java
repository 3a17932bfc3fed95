package dev.penstock.spark.hub;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** An answer of a {@link TestHub} in place of the usual one. */
public interface HubFault {
  /** Answers. */
  void answer(HttpExchange exchange, byte[] content) throws IOException;

  /** Answers with a status, and headers as name, value, name, value. */
  static HubFault status(int status, String... headers) {
    return (exchange, content) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  /** Breaks off after so many bytes more. */
  static HubFault cut(int bytes) {
    return (exchange, content) -> {
      int from = HubResponse.from(exchange);
      HubResponse.head(exchange, content, from);
      exchange.getResponseBody().write(content, from, bytes);
      exchange.getResponseBody().flush();
    };
  }

  /** Sends another content of the same length. */
  static HubFault damaged() {
    return (exchange, content) -> {
      byte[] other = content.clone();
      other[other.length / 2] ^= 1;
      HubResponse.send(exchange, other);
    };
  }
}
