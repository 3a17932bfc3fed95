package dev.penstock.engine.split;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;

/** Inputs and outputs of NeMo AutoModel's own functions. */
final class SplitCases {
  private static final JsonNode ALL = load();

  private SplitCases() {}

  static JsonNode group(String name) {
    return requireNonNull(ALL.get(name), name);
  }

  static Stream<JsonNode> cases(String group) {
    return list(group(group)).stream();
  }

  static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  static List<String> strings(JsonNode array) {
    return list(array).stream().map(JsonNode::textValue).toList();
  }

  static List<Integer> ints(JsonNode array) {
    return list(array).stream().map(JsonNode::intValue).toList();
  }

  private static JsonNode load() {
    String name = "/split/automodel_cases.json.gz";
    try (InputStream resource = requireNonNull(SplitCases.class.getResourceAsStream(name), name);
        InputStream json = new GZIPInputStream(resource)) {
      return new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
