package dev.penstock.engine.safetensors;

import static com.fasterxml.jackson.core.JsonToken.END_ARRAY;
import static com.fasterxml.jackson.core.JsonToken.END_OBJECT;
import static com.fasterxml.jackson.core.JsonToken.START_ARRAY;
import static com.fasterxml.jackson.core.JsonToken.START_OBJECT;
import static com.fasterxml.jackson.core.JsonToken.VALUE_NULL;
import static com.fasterxml.jackson.core.JsonToken.VALUE_NUMBER_INT;
import static com.fasterxml.jackson.core.JsonToken.VALUE_STRING;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.penstock.engine.config.Quoted;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns a header's JSON into entries, each of which fits its own shape. Whether they fit together
 * is the header's business. One parser reads one header.
 */
final class HeaderParser {
  private static final int MAX_DIMENSIONS = 64;

  private final String file;
  private final List<TensorEntry> entries = new ArrayList<>();
  private final Map<String, String> metadata = new HashMap<>();

  HeaderParser(String file) {
    this.file = file;
  }

  List<TensorEntry> entries() {
    return entries;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  void parse(byte[] json) {
    InputStreamReader strictUtf8 =
        new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder());
    try (JsonParser parser = HeaderJson.FACTORY.createParser(strictUtf8)) {
      expect(parser.nextToken(), START_OBJECT, "The header");
      while (parser.nextToken() != END_OBJECT) {
        String name = parser.currentName();
        if (name.equals(HeaderJson.METADATA)) {
          parseMetadata(parser);
        } else {
          parseTensor(parser, name);
        }
      }
      expect(parser.nextToken(), null, "What follows the header's JSON");
    } catch (IOException e) {
      throw new SafetensorsException(
          ("%s has a header that is no valid JSON: %s. It is damaged or no safetensors file: "
                  + "copy or download it again.")
              .formatted(file, Quoted.firstLine(e)),
          e);
    }
  }

  private void parseMetadata(JsonParser parser) throws IOException {
    if (parser.nextToken() == VALUE_NULL) {
      return;
    }
    expect(parser.currentToken(), START_OBJECT, HeaderJson.METADATA);
    while (parser.nextToken() != END_OBJECT) {
      String key = parser.currentName();
      expect(parser.nextToken(), VALUE_STRING, HeaderJson.METADATA + " value " + Quoted.of(key));
      metadata.put(key, parser.getText());
    }
  }

  private void parseTensor(JsonParser parser, String name) throws IOException {
    String tensor = "Tensor " + Quoted.of(name);
    DType dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    expect(parser.nextToken(), START_OBJECT, tensor);
    while (parser.nextToken() != END_OBJECT) {
      String key = parser.currentName();
      switch (key) {
        case HeaderJson.DTYPE -> dtype = parseDType(parser, tensor);
        case HeaderJson.SHAPE -> shape = parseLongs(parser, "The shape of " + tensor);
        case HeaderJson.DATA_OFFSETS -> offsets = parseLongs(parser, "The offsets of " + tensor);
        default -> skip(parser);
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      throw invalid(tensor + " lacks its dtype, shape or data_offsets");
    }
    entries.add(entry(name, dtype, shape, offsets));
  }

  /** What others write beside what the format has: the reference implementation skips it too. */
  private static void skip(JsonParser parser) throws IOException {
    parser.nextToken();
    parser.skipChildren();
  }

  private TensorEntry entry(String name, DType dtype, List<Long> shape, List<Long> offsets) {
    if (offsets.size() != 2 || offsets.get(0) < 0 || offsets.get(1) < offsets.get(0)) {
      throw invalid(
          "Tensor %s has the offsets %s, which must be a begin and an end not before it"
              .formatted(Quoted.of(name), Quoted.of(offsets.toString())));
    }
    long byteLength;
    try {
      byteLength = TensorInfo.byteLength(dtype, shape);
    } catch (IllegalArgumentException e) {
      throw invalid("Tensor " + Quoted.of(name) + ": " + Quoted.of(e.getMessage()));
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    if (end - begin != byteLength) {
      throw invalid(
          String.format(
              Locale.ROOT,
              "Tensor %s of type %s and shape %s needs %d bytes, but its offsets %s span %d",
              Quoted.of(name),
              dtype,
              Quoted.of(shape.toString()),
              byteLength,
              offsets,
              end - begin));
    }
    return new TensorEntry(name, dtype, shape, begin, end);
  }

  private DType parseDType(JsonParser parser, String tensor) throws IOException {
    expect(parser.nextToken(), VALUE_STRING, "The dtype of " + tensor);
    String text = parser.getText();
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw new SafetensorsException(
        "%s: %s has the dtype %s, which is not supported. Supported are %s; convert the tensor."
            .formatted(file, tensor, Quoted.of(text), Arrays.toString(DType.values())));
  }

  private List<Long> parseLongs(JsonParser parser, String what) throws IOException {
    expect(parser.nextToken(), START_ARRAY, what);
    List<Long> values = new ArrayList<>();
    while (parser.nextToken() != END_ARRAY) {
      expect(parser.currentToken(), VALUE_NUMBER_INT, what);
      if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
        throw invalid(what + " has a number that does not fit 64 bits");
      }
      if (values.size() == MAX_DIMENSIONS) {
        throw invalid(what + " has more than " + MAX_DIMENSIONS + " numbers");
      }
      values.add(parser.getLongValue());
    }
    return values;
  }

  private void expect(@Nullable JsonToken actual, @Nullable JsonToken expected, String what) {
    if (actual != expected) {
      throw invalid(
          "%s must be %s, but is %s"
              .formatted(
                  what,
                  expected == null ? "nothing" : expected,
                  actual == null ? "missing" : actual));
    }
  }

  private SafetensorsException invalid(String problem) {
    return new SafetensorsException(
        ("%s has an invalid header. %s. It is damaged or was not written by a safetensors "
                + "library: copy or download it again.")
            .formatted(file, problem));
  }
}
