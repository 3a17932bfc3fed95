package dev.penstock.datasets.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The manifest as JSON: the names of the record components are the keys.
 *
 * @param format what the file is
 * @param version version of manifest and shards
 * @param dataset the manifest itself
 */
record ManifestJson(String format, int version, ShardManifest dataset) {
  private static final String FORMAT = "penstock token shards";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  static byte[] write(ShardManifest manifest) {
    try {
      return MAPPER.writeValueAsBytes(new ManifestJson(FORMAT, ShardFormat.VERSION, manifest));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ShardManifest read(byte[] bytes, String path) {
    ManifestJson json;
    try {
      json = MAPPER.readValue(bytes, ManifestJson.class);
    } catch (IOException e) {
      throw new DatasetException(
          "%s is no manifest of token shards, or damaged: %s. Ingest the texts again."
              .formatted(path, e.getMessage()),
          e);
    }
    if (!FORMAT.equals(json.format) || json.version != ShardFormat.VERSION) {
      throw new DatasetException(
          ("%s has the format '%s' in version %d, but '%s' in version %d is needed. Ingest the "
                  + "texts again.")
              .formatted(path, json.format, json.version, FORMAT, ShardFormat.VERSION));
    }
    return json.dataset;
  }
}
