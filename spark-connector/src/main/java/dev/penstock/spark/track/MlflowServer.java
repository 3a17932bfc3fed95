package dev.penstock.spark.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An MLflow tracking server by its REST API 2.0, which all its versions speak. Its Java client
 * would bring protobuf, Gson and an HTTP client, each in a version that fights with Spark's.
 */
final class MlflowServer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration UPLOAD_TIMEOUT = Duration.ofHours(1);
  private static final int TRIES = 3;
  private static final int SHOWN = 500;
  private static final int NOT_FOUND = 404;

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER) // it would take the credentials along
          .build();

  private final String base;
  private final @Nullable String authorization;

  private MlflowServer(String base, @Nullable String authorization) {
    this.base = base;
    this.authorization = authorization;
  }

  /**
   * The server that a URI names.
   *
   * @param uri {@code http(s)://HOST...}, or {@code databricks}
   * @param environment where MLflow's clients look for credentials
   * @throws ConfigException if it names none
   */
  static MlflowServer of(String uri, UnaryOperator<@Nullable String> environment) {
    if (uri.equals("databricks")) {
      String host = environment.apply("DATABRICKS_HOST");
      String token = environment.apply("DATABRICKS_TOKEN");
      if (host == null || token == null) {
        throw new ConfigException(
            "mlflowTrackingUri is databricks, but DATABRICKS_HOST and DATABRICKS_TOKEN are not both"
                + " set in the driver's environment. Set them.");
      }
      String base = host.contains("://") ? host : "https://" + host;
      return new MlflowServer(withoutSlash(base), "Bearer " + token);
    }
    String scheme = uri.toLowerCase(Locale.ROOT);
    if (!scheme.startsWith("http://") && !scheme.startsWith("https://")) {
      throw new ConfigException(
          "mlflowTrackingUri %s is no server: metrics are sent to one by HTTP. Start `mlflow server` and set http://HOST:PORT, or databricks."
              .formatted(Quoted.plain(uri)));
    }
    if (parsed(uri).getRawUserInfo() != null) { // it would be shown with the Params
      throw new ConfigException(
          "mlflowTrackingUri has a user's name in it. Leave it out, and set"
              + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in the driver's"
              + " environment.");
    }
    return new MlflowServer(withoutSlash(uri), authorization(environment));
  }

  private static URI parsed(String uri) {
    try {
      return URI.create(uri);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "mlflowTrackingUri %s is no URI. Set one such as http://HOST:PORT."
              .formatted(Quoted.plain(uri)),
          e);
    }
  }

  private static @Nullable String authorization(UnaryOperator<@Nullable String> environment) {
    String token = environment.apply("MLFLOW_TRACKING_TOKEN");
    if (token != null) {
      return "Bearer " + token;
    }
    String user = environment.apply("MLFLOW_TRACKING_USERNAME");
    String password = environment.apply("MLFLOW_TRACKING_PASSWORD");
    return user == null
        ? null
        : "Basic "
            + Base64.getEncoder()
                .encodeToString(
                    (user + ":" + (password == null ? "" : password))
                        .getBytes(StandardCharsets.UTF_8));
  }

  private static String withoutSlash(String uri) {
    return uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
  }

  /** The experiment of a name, which is made if there is none. */
  String experiment(String name) throws IOException, InterruptedException {
    Optional<JsonNode> found = experimentNamed(name);
    if (found.isEmpty()) {
      try {
        return post("experiments/create", JSON.createObjectNode().put("name", name))
            .path("experiment_id")
            .asText();
      } catch (IOException e) {
        found = experimentNamed(name); // somebody else has made it meanwhile
        if (found.isEmpty()) {
          throw e;
        }
      }
    }
    return found.get().path("experiment").path("experiment_id").asText();
  }

  private Optional<JsonNode> experimentNamed(String name) throws IOException, InterruptedException {
    String query = "experiments/get-by-name?experiment_name=" + encoded(name);
    HttpResponse<String> response = send(() -> request(api(query), TIMEOUT).GET());
    return response.statusCode() == NOT_FOUND
        ? Optional.empty()
        : Optional.of(JSON.readTree(checked(response).body()));
  }

  /** Calls a method of the API. */
  JsonNode post(String method, ObjectNode body) throws IOException, InterruptedException {
    HttpResponse<String> response =
        send(
            () ->
                request(api(method), TIMEOUT)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    return JSON.readTree(checked(response).body());
  }

  /**
   * Stores a file where the server stores artifacts for its clients.
   *
   * @param path below the server's root of artifacts
   * @param content opens the file
   */
  void putArtifact(String path, Supplier<InputStream> content)
      throws IOException, InterruptedException {
    StringBuilder encoded = new StringBuilder("/api/2.0/mlflow-artifacts/artifacts");
    for (String part : path.split("/")) {
      encoded.append('/').append(encoded(part));
    }
    checked(
        send(
            () ->
                request(encoded.toString(), UPLOAD_TIMEOUT)
                    .PUT(HttpRequest.BodyPublishers.ofInputStream(content))));
  }

  private static String api(String method) {
    return "/api/2.0/mlflow/" + method;
  }

  private HttpRequest.Builder request(String path, Duration timeout) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(timeout);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return request;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Tries again what may pass: a server that is restarted, or has too much to do. */
  private HttpResponse<String> send(Supplier<HttpRequest.Builder> request)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<String> response =
            client.send(request.get().build(), HttpResponse.BodyHandlers.ofString());
        boolean mayPass = response.statusCode() == 429 || response.statusCode() >= 500;
        if (!mayPass || attempt == TRIES) {
          return response;
        }
      } catch (IOException e) {
        if (attempt == TRIES) {
          throw new IOException("MLflow does not answer at %s: %s".formatted(base, e), e);
        }
      }
      TimeUnit.SECONDS.sleep(attempt);
    }
  }

  private HttpResponse<String> checked(HttpResponse<String> response) throws IOException {
    if (response.statusCode() / 100 != 2) {
      String body = response.body();
      throw new IOException(
          String.format(
              Locale.ROOT,
              "MLflow refuses %s with status %d: %s",
              response.uri().getPath(),
              response.statusCode(),
              body.substring(0, Math.min(SHOWN, body.length()))));
    }
    return response;
  }
}
