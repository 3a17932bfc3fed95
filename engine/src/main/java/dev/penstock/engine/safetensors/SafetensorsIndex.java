package dev.penstock.engine.safetensors;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.penstock.engine.config.Quoted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which file of a sharded model holds which tensor: {@value #FILE_NAME}.
 *
 * @param totalSize bytes of all tensors; 0: not said
 * @param weightMap file name by tensor name; the files lie beside the index
 */
public record SafetensorsIndex(long totalSize, Map<String, String> weightMap) {
  /** Where Hugging Face libraries look for an index. */
  public static final String FILE_NAME = "model.safetensors.index.json";

  private static final String METADATA = "metadata";
  private static final String TOTAL_SIZE = "total_size";
  private static final String WEIGHT_MAP = "weight_map";

  private static final double MAX_TOTAL_SIZE = 1L << 62;

  public SafetensorsIndex {
    weightMap = Collections.unmodifiableMap(new TreeMap<>(weightMap));
  }

  /**
   * Reads an index.
   *
   * @param json its bytes
   * @param file its name, for messages
   * @throws SafetensorsException if it is no index, or names a file outside its own folder
   */
  public static SafetensorsIndex parse(byte[] json, String file) {
    try (JsonParser parser = HeaderJson.PYTHON.createParser(json)) {
      expect(parser.nextToken(), JsonToken.START_OBJECT, file, "The index");
      long totalSize = 0;
      Map<String, String> weightMap = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        switch (key) {
          case METADATA -> totalSize = parseTotalSize(parser, file);
          case WEIGHT_MAP -> weightMap = parseWeightMap(parser, file);
          default -> parser.skipChildren();
        }
      }
      if (weightMap == null) {
        throw invalid(file, "It has no " + WEIGHT_MAP);
      }
      return new SafetensorsIndex(totalSize, weightMap);
    } catch (IOException e) {
      throw new SafetensorsException(
          "%s is no valid JSON: %s. Copy or download it again."
              .formatted(file, Quoted.firstLine(e)),
          e);
    }
  }

  /** The file's bytes, tensors sorted by name. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = HeaderJson.FACTORY.createGenerator(bytes)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeObjectFieldStart(METADATA);
      json.writeNumberField(TOTAL_SIZE, totalSize);
      json.writeEndObject();
      json.writeObjectFieldStart(WEIGHT_MAP);
      for (Map.Entry<String, String> entry : weightMap.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Nobody needs it, so it may be missing; but a number that cannot be is a damaged file. */
  private static long parseTotalSize(JsonParser parser, String file) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return 0;
    }
    expect(parser.currentToken(), JsonToken.START_OBJECT, file, METADATA);
    long totalSize = 0;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      if (key.equals(TOTAL_SIZE) && value != JsonToken.VALUE_NULL) {
        totalSize = totalSize(parser, file);
      } else {
        parser.skipChildren();
      }
    }
    return totalSize;
  }

  private static long totalSize(JsonParser parser, String file) throws IOException {
    if (!parser.currentToken().isNumeric()) {
      throw invalid(file, TOTAL_SIZE + " must be a number, but is " + parser.currentToken());
    }
    if (parser.isNaN()) {
      return 0; // infinite, or no number
    }
    double bytes = parser.getDoubleValue();
    if (bytes < 0 || bytes > MAX_TOTAL_SIZE) {
      throw invalid(
          file,
          "%s must be the bytes of all tensors, 0 to 2^62, but is %s"
              .formatted(TOTAL_SIZE, Quoted.plain(parser.getText())));
    }
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        ? parser.getLongValue()
        : (long) bytes;
  }

  private static Map<String, String> parseWeightMap(JsonParser parser, String file)
      throws IOException {
    expect(parser.currentToken(), JsonToken.START_OBJECT, file, WEIGHT_MAP);
    Map<String, String> weightMap = new TreeMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String tensor = parser.currentName();
      expect(parser.nextToken(), JsonToken.VALUE_STRING, file, "The file of " + Quoted.of(tensor));
      weightMap.put(tensor, checkFileName(parser.getText(), tensor, file));
    }
    return weightMap;
  }

  private static String checkFileName(String name, String tensor, String file) {
    boolean plain =
        name.endsWith(".safetensors")
            && !name.startsWith(".")
            && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
    if (!plain) {
      throw invalid(
          file,
          ("Tensor %s is said to be in %s, which is not the plain name of a .safetensors file "
                  + "in the same folder")
              .formatted(Quoted.of(tensor), Quoted.of(name)));
    }
    return name;
  }

  private static void expect(JsonToken actual, JsonToken expected, String file, String what) {
    if (actual != expected) {
      throw invalid(file, "%s must be %s, but is %s".formatted(what, expected, actual));
    }
  }

  private static SafetensorsException invalid(String file, String problem) {
    return new SafetensorsException(
        "%s is no valid index of a sharded model. %s. Copy or download it again."
            .formatted(file, problem));
  }
}
