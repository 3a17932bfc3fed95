package dev.penstock.spark.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.family.HubJson;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a hub: which files a model has, what they are, and their bytes. What it refuses
 * becomes a ConfigException with the remedy. Thread-safe.
 */
final class HubClient {
  private static final int MAX_LISTING_BYTES = 1 << 24;

  /** A tag becomes the name of a file. */
  private static final Pattern ETAG = Pattern.compile("\\w[\\w.-]{0,127}");

  private final URI endpoint;
  private final HubHttp http;
  private final HubErrors errors;

  HubClient(HubSettings settings, HubHttp http) {
    this.endpoint = settings.endpoint();
    this.http = http;
    this.errors = new HubErrors(settings);
  }

  /**
   * The files of a model at a commit.
   *
   * @param commit what the revision is now
   */
  record Listing(String commit, Set<String> files) {}

  Listing list(HubName name) throws IOException {
    URI uri = uri("/api/models/" + name.id() + "/revision/" + encoded(name.revision()));
    try (HubAnswer answer = http.get(uri, 0)) {
      if (!answer.isOk()) {
        throw errors.refused(name, "", answer);
      }
      JsonNode info = json(answer);
      String commit = info.path("sha").asText();
      if (!HubName.isCommit(commit) || !info.path("siblings").isArray()) {
        throw noHub(answer, "it names no commit or no files", null);
      }
      Set<String> files = new TreeSet<>();
      info.path("siblings").forEach(file -> files.add(file.path("rfilename").asText()));
      return new Listing(commit, files);
    }
  }

  private static JsonNode json(HubAnswer answer) throws IOException {
    String text = new String(answer.read(MAX_LISTING_BYTES), StandardCharsets.UTF_8);
    try {
      return HubJson.parse(text, "The answer");
    } catch (ConfigException e) {
      throw noHub(answer, e.getMessage(), e);
    }
  }

  private static ConfigException noHub(
      HubAnswer answer, String problem, @Nullable Throwable cause) {
    return new ConfigException(
        "%s does not answer as a hub: %s. Check HF_ENDPOINT, and whether a proxy changes what comes from there."
            .formatted(answer.where(), problem),
        cause);
  }

  /** What a file is. */
  RemoteFile describe(HubName name, String file) throws IOException {
    try (HubAnswer answer = http.head(uri(name, file))) {
      if (answer.status() >= 400) {
        throw errors.refused(name, file, answer);
      }
      String etag =
          answer
              .header("X-Linked-Etag")
              .or(() -> answer.header("ETag"))
              .map(tag -> tag.strip().replaceFirst("^W/", "").replace("\"", ""))
              .filter(tag -> ETAG.matcher(tag).matches())
              .orElseThrow(
                  () -> noHub(answer, "it gives no ETag that tells what is in the file", null));
      Optional<Long> size =
          answer
              .bytes("X-Linked-Size")
              .or(() -> answer.isOk() ? answer.bytes("Content-Length") : Optional.empty());
      return new RemoteFile(file, size.map(OptionalLong::of).orElse(OptionalLong.empty()), etag);
    }
  }

  /**
   * The bytes of a file.
   *
   * @param offset of the first byte that is wanted; an answer may begin before it
   * @return the answer, which the caller closes
   * @throws HubConnectionException if another server refuses it, to which the hub sent us with a
   *     permit that may have run out
   */
  HubAnswer open(HubName name, String file, long offset) throws IOException {
    HubAnswer answer = http.get(uri(name, file), offset);
    if (answer.isOk()) {
      return answer;
    }
    try (answer) {
      if (HubHttp.isSameHost(answer.uri(), endpoint)) {
        throw errors.refused(name, file, answer);
      }
      throw new HubConnectionException(
          "%s answers %s".formatted(answer.where(), answer.status()), null);
    }
  }

  private URI uri(HubName name, String file) {
    return uri("/" + name.id() + "/resolve/" + encoded(name.revision()) + "/" + path(file));
  }

  private static String path(String file) {
    return Stream.of(file.split("/", -1)).map(HubClient::encoded).collect(Collectors.joining("/"));
  }

  private URI uri(String path) {
    return URI.create(endpoint + path);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
