package dev.penstock.engine.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The JSON of a header: its keys, how it is written, and how strictly it is read. */
final class HeaderJson {
  private static final int ALIGNMENT = 8;

  static final String METADATA = "__metadata__";
  static final String DTYPE = "dtype";
  static final String SHAPE = "shape";
  static final String DATA_OFFSETS = "data_offsets";

  /** For untrusted JSON: duplicate keys and deep nesting fail, names are not kept for ever. */
  static final JsonFactory FACTORY = builder().build();

  /** The same for JSON that Python wrote, which knows NaN and Infinity. */
  static final JsonFactory PYTHON =
      builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static JsonFactoryBuilder builder() {
    return new JsonFactoryBuilder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(8)
                .maxStringLength(SafetensorsHeader.MAX_JSON_BYTES)
                .build());
  }

  private HeaderJson() {}

  /** Pure ASCII, so that its length does not hang on how a reader counts. */
  static byte[] write(List<TensorEntry> entries, Map<String, String> metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (String key : metadata.keySet().stream().sorted().toList()) {
          json.writeStringField(key, metadata.get(key));
        }
        json.writeEndObject();
      }
      for (TensorEntry entry : entries) {
        json.writeObjectFieldStart(entry.name());
        json.writeStringField(DTYPE, entry.dtype().name());
        json.writeFieldName(SHAPE);
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName(DATA_OFFSETS);
        json.writeArray(new long[] {entry.begin(), entry.end()}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] padded = Arrays.copyOf(bytes.toByteArray(), roundUp(bytes.size()));
    Arrays.fill(padded, bytes.size(), padded.length, (byte) ' ');
    return padded;
  }

  private static int roundUp(int length) {
    return (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
