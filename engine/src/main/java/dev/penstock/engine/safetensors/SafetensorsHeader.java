package dev.penstock.engine.safetensors;

import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.config.WrongFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a safetensors file says of itself: a 64-bit little-endian length, that many bytes of JSON,
 * then the tensors' bytes without gap or overlap.
 *
 * @param entries the tensors in the order of their bytes
 * @param metadata free text by key
 * @param dataStart position in the file of the first tensor's first byte
 */
public record SafetensorsHeader(
    List<TensorEntry> entries, Map<String, String> metadata, long dataStart) {
  /** What Hugging Face writes, and transformers asks for. */
  public static final Map<String, String> PYTORCH_METADATA = Map.of("format", "pt");

  /** The limit of the reference implementation. */
  static final int MAX_JSON_BYTES = 100_000_000;

  static final int LENGTH_BYTES = Long.BYTES;

  public SafetensorsHeader {
    entries = List.copyOf(entries);
    metadata = Map.copyOf(metadata);
  }

  /**
   * Reads and checks the header of a file.
   *
   * @param channel the file; its position is changed
   * @param file its name, for messages
   * @param fileLength its length in bytes
   * @throws SafetensorsException if the file breaks the format in any way
   */
  public static SafetensorsHeader read(SeekableByteChannel channel, String file, long fileLength)
      throws IOException {
    if (fileLength < LENGTH_BYTES) {
      throw new SafetensorsException(
          String.format(
              Locale.ROOT,
              ("%s is no safetensors file: it has %d bytes, the header length alone takes %d. "
                  + "Copy or download it again."),
              file,
              fileLength,
              LENGTH_BYTES));
    }
    ByteBuffer prefix = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ChannelReads.fully(channel, 0, prefix, file);
    long jsonBytes = prefix.flip().getLong();
    if (jsonBytes < 2 || jsonBytes > MAX_JSON_BYTES || jsonBytes > fileLength - LENGTH_BYTES) {
      throw new SafetensorsException(
          String.format(
              Locale.ROOT,
              "%s has a header length of %s bytes, which must be 2 to %d and fit the file of %d bytes. %s",
              file,
              Long.toUnsignedString(jsonBytes),
              MAX_JSON_BYTES,
              fileLength,
              WrongFile.describe(
                  new String(prefix.array(), StandardCharsets.ISO_8859_1),
                  "It is no safetensors file, or truncated: copy or download it again.")));
    }
    ByteBuffer json = ByteBuffer.allocate((int) jsonBytes);
    ChannelReads.fully(channel, LENGTH_BYTES, json, file);
    HeaderParser parser = new HeaderParser(file);
    parser.parse(json.array());
    long dataStart = LENGTH_BYTES + jsonBytes;
    List<TensorEntry> entries =
        inOrder(parser.entries(), file, fileLength - dataStart /* bytes of data */);
    return new SafetensorsHeader(entries, parser.metadata(), dataStart);
  }

  /**
   * Lays tensors out one behind the other.
   *
   * @throws IllegalArgumentException if a name occurs twice or is reserved, or all together do not
   *     fit a file
   */
  public static SafetensorsHeader layOut(List<TensorInfo> tensors, Map<String, String> metadata) {
    Set<String> names = new HashSet<>();
    List<TensorEntry> entries = new ArrayList<>();
    long begin = 0;
    for (TensorInfo tensor : tensors) {
      if (!names.add(tensor.name()) || tensor.name().equals(HeaderJson.METADATA)) {
        throw new IllegalArgumentException(
            "The tensor name %s is used twice or reserved.".formatted(Quoted.of(tensor.name())));
      }
      long end = Math.addExact(begin, tensor.byteLength());
      entries.add(new TensorEntry(tensor.name(), tensor.dtype(), tensor.shape(), begin, end));
      begin = end;
    }
    int jsonBytes = HeaderJson.write(entries, metadata).length;
    if (jsonBytes > MAX_JSON_BYTES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The header of %d tensors takes %d bytes, more than the format's %d. Use several files.",
              tensors.size(),
              jsonBytes,
              MAX_JSON_BYTES));
    }
    return new SafetensorsHeader(entries, metadata, LENGTH_BYTES + jsonBytes);
  }

  /** Bytes of all tensors. */
  public long dataLength() {
    return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).end();
  }

  /** The length and the JSON, padded with spaces so that the tensors begin at a multiple of 8. */
  public byte[] toBytes() {
    byte[] json = HeaderJson.write(entries, metadata);
    return ByteBuffer.allocate(LENGTH_BYTES + json.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }

  private static List<TensorEntry> inOrder(
      List<TensorEntry> entries, String file, long dataLength) {
    List<TensorEntry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
    long expected = 0;
    for (TensorEntry entry : sorted) {
      if (entry.begin() != expected) {
        throw new SafetensorsException(
            String.format(
                Locale.ROOT,
                ("%s: tensor %s begins at byte %d of the data, but %d is where the tensor before "
                    + "it ends: tensors must neither overlap nor leave gaps. The file is damaged or "
                    + "was not written by a safetensors library."),
                file,
                Quoted.of(entry.name()),
                entry.begin(),
                expected));
      }
      expected = entry.end();
    }
    if (expected != dataLength) {
      throw new SafetensorsException(
          String.format(
              Locale.ROOT,
              ("%s: the tensors take %d bytes, but the file has %d behind the header. It is %s: "
                  + "copy or download it again."),
              file,
              expected,
              dataLength,
              expected > dataLength ? "truncated" : "damaged"));
    }
    return sorted;
  }
}
