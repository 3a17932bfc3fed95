package dev.penstock.engine.safetensors;

import dev.penstock.engine.config.Quoted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a safetensors file front to back: the header at once, then the bytes of each tensor in the
 * order announced, in as many pieces as the caller likes. Used by one thread. The caller closes the
 * stream, after {@link #finish}.
 */
public final class SafetensorsWriter {
  private static final int CHUNK_BYTES = 1 << 20;

  private final OutputStream out;
  private final String file;
  private final List<TensorEntry> entries;
  private byte[] chunk = new byte[0];
  private int current;
  private long written;

  /**
   * Writes the header.
   *
   * @param out where the file goes
   * @param file its name, for messages
   * @param tensors the tensors in the order in which they will be written
   * @param metadata free text by key, for a model {@link SafetensorsHeader#PYTORCH_METADATA}
   */
  public SafetensorsWriter(
      OutputStream out, String file, List<TensorInfo> tensors, Map<String, String> metadata)
      throws IOException {
    this.out = out;
    this.file = file;
    SafetensorsHeader header = SafetensorsHeader.layOut(tensors, metadata);
    this.entries = header.entries();
    out.write(header.toBytes());
    skipComplete();
  }

  /**
   * Writes the next bytes of a tensor: all that {@code bytes} has left.
   *
   * @throws IllegalStateException if another tensor is next, or these are too many bytes
   */
  public void write(String name, ByteBuffer bytes) throws IOException {
    if (current == entries.size() || !entries.get(current).name().equals(name)) {
      boolean empty = !bytes.hasRemaining();
      if (empty && entries.stream().anyMatch(e -> e.name().equals(name) && e.byteLength() == 0)) {
        return;
      }
      throw new IllegalStateException(
          "%s: bytes of tensor %s came, but %s.".formatted(file, Quoted.of(name), expectation()));
    }
    if (bytes.remaining() > entries.get(current).end() - written) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s: %d bytes of tensor %s came, but %s.",
              file,
              bytes.remaining(),
              Quoted.of(name),
              expectation()));
    }
    written += bytes.remaining();
    copy(bytes);
    skipComplete();
  }

  /**
   * Flushes, and checks that every tensor was written whole.
   *
   * @throws IllegalStateException if bytes are missing
   */
  public void finish() throws IOException {
    if (current < entries.size()) {
      throw new IllegalStateException("%s is not complete: %s.".formatted(file, expectation()));
    }
    out.flush();
  }

  private void copy(ByteBuffer bytes) throws IOException {
    if (bytes.hasArray()) {
      out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      bytes.position(bytes.limit());
      return;
    }
    if (chunk.length < Math.min(bytes.remaining(), CHUNK_BYTES)) {
      chunk = new byte[Math.min(bytes.remaining(), CHUNK_BYTES)];
    }
    while (bytes.hasRemaining()) {
      int length = Math.min(bytes.remaining(), chunk.length);
      bytes.get(chunk, 0, length);
      out.write(chunk, 0, length);
    }
  }

  private void skipComplete() {
    while (current < entries.size() && entries.get(current).end() == written) {
      current++;
    }
  }

  private String expectation() {
    if (current == entries.size()) {
      return String.format(Locale.ROOT, "all %d tensors are written", entries.size());
    }
    TensorEntry entry = entries.get(current);
    return String.format(
        Locale.ROOT,
        "the next are %d bytes of tensor %s",
        entry.end() - written,
        Quoted.of(entry.name()));
  }
}
