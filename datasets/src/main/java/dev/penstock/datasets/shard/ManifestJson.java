package dev.penstock.datasets.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/**
 * The manifest as JSON: the names of the record components are the keys.
 *
 * @param format what the file is
 * @param version version of the manifest
 * @param sha256 SHA-256 of the manifest itself as JSON, in hexadecimal: numbers that were altered
 *     would change the order of the data without a word
 * @param dataset the manifest itself
 */
record ManifestJson(String format, int version, String sha256, ShardManifest dataset) {
  private static final String FORMAT = "penstock token shards";
  private static final int VERSION = 3;

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
      return MAPPER.writeValueAsBytes(
          new ManifestJson(FORMAT, VERSION, sha256(manifest), manifest));
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
          "%s is no manifest of token shards, or damaged: %.500s. Ingest the texts again."
              .formatted(path, e.getMessage()),
          e);
    }
    if (!FORMAT.equals(json.format) || json.version != VERSION) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              ("%s has the format '%.80s' in version %d, but '%s' in version %d is needed. Ingest the "
                  + "texts again."),
              path,
              json.format,
              json.version,
              FORMAT,
              VERSION));
    }
    String sha256 = digest(json.dataset, path);
    if (!sha256.equals(json.sha256)) {
      throw new DatasetException(
          "%s was altered: its SHA-256 is %s, but it says %.80s. Ingest the texts again."
              .formatted(path, sha256, json.sha256));
    }
    return json.dataset;
  }

  private static String digest(ShardManifest manifest, String path) {
    try {
      return sha256(manifest);
    } catch (JsonProcessingException e) {
      throw new DatasetException(
          "%s cannot be checked. Ingest the texts again.".formatted(path), e);
    }
  }

  private static String sha256(ShardManifest manifest) throws JsonProcessingException {
    return Sha256.hex(MAPPER.writeValueAsBytes(manifest));
  }
}
