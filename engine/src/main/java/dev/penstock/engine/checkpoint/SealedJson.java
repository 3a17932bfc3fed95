package dev.penstock.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Records as JSON files that hold their own SHA-256: a file with any byte changed, added or lost is
 * refused. Still a JSON object to any other reader.
 */
final class SealedJson {
  private static final String BEFORE_HASH = "{\"sha256\":\"";
  private static final String AFTER_HASH = "\",\"content\":";
  private static final String END = "}\n";
  private static final int HASH_CHARS = 64;
  private static final int PREFIX_BYTES = BEFORE_HASH.length() + HASH_CHARS + AFTER_HASH.length();

  /** Far more than any checkpoint needs: a few hundred bytes a tensor and rank. */
  private static final int MAX_BYTES = 1 << 30;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private SealedJson() {}

  static byte[] write(Object value) {
    byte[] content;
    try {
      content = MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    byte[] prefix = (BEFORE_HASH + sha256(content) + AFTER_HASH).getBytes(StandardCharsets.UTF_8);
    byte[] end = END.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(prefix.length + content.length + end.length)
        .put(prefix)
        .put(content)
        .put(end)
        .array();
  }

  /**
   * Reads a file.
   *
   * @throws CheckpointException if it is not what was written, or not of this type
   */
  static <T> T read(FileSource folder, String name, Class<T> type) throws IOException {
    String file = folder.location() + "/" + name;
    byte[] bytes = readAll(folder, name, file);
    String text =
        new String(bytes, 0, Math.min(bytes.length, PREFIX_BYTES), StandardCharsets.UTF_8);
    String end = END;
    int contentBytes = bytes.length - PREFIX_BYTES - end.length();
    if (contentBytes < 0) {
      throw damaged(file, "it ends too early");
    }
    byte[] content = Arrays.copyOfRange(bytes, PREFIX_BYTES, PREFIX_BYTES + contentBytes);
    String tail =
        new String(bytes, PREFIX_BYTES + contentBytes, end.length(), StandardCharsets.UTF_8);
    if (!text.equals(BEFORE_HASH + sha256(content) + AFTER_HASH) || !tail.equals(end)) {
      throw damaged(file, "its SHA-256 is another");
    }
    try {
      return MAPPER.readValue(content, type);
    } catch (IOException e) {
      throw new CheckpointException(
          "%s cannot be read by this version: %s".formatted(file, firstLine(e)), e);
    }
  }

  private static byte[] readAll(FileSource folder, String name, String file) throws IOException {
    long length = folder.length(name);
    if (length > MAX_BYTES) {
      throw damaged(
          file, String.format(Locale.ROOT, "it has %d bytes, more than %d", length, MAX_BYTES));
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    try (SeekableByteChannel channel = folder.open(name)) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw damaged(file, "it ends too early");
        }
      }
    }
    return bytes.array();
  }

  private static CheckpointException damaged(String file, String how) {
    return new CheckpointException("%s is damaged: %s.".formatted(file, how));
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
