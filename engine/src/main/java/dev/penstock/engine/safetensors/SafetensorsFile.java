package dev.penstock.engine.safetensors;

import dev.penstock.engine.config.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * An open safetensors file. Its header is read when it is opened; of the tensors only the byte
 * ranges that are asked for. Used by one thread. Closing it closes its channel.
 */
public final class SafetensorsFile implements AutoCloseable {
  private final SeekableByteChannel channel;
  private final String file;
  private final SafetensorsHeader header;
  private final Map<String, TensorEntry> entriesByName;

  private SafetensorsFile(SeekableByteChannel channel, String file, SafetensorsHeader header) {
    this.channel = channel;
    this.file = file;
    this.header = header;
    Map<String, TensorEntry> byName = new LinkedHashMap<>();
    for (TensorEntry entry : header.entries()) {
      byName.put(entry.name(), entry);
    }
    this.entriesByName = Collections.unmodifiableMap(byName);
  }

  /**
   * Opens a file and checks its header. The channel is the file's from here on, and closed if this
   * fails.
   *
   * @param channel the file's bytes
   * @param file its name, for messages
   * @param length its length in bytes
   * @throws SafetensorsException if the file breaks the format
   */
  public static SafetensorsFile open(SeekableByteChannel channel, String file, long length)
      throws IOException {
    try {
      return new SafetensorsFile(channel, file, SafetensorsHeader.read(channel, file, length));
    } catch (IOException | RuntimeException e) {
      try {
        channel.close();
      } catch (IOException onClose) {
        e.addSuppressed(onClose);
      }
      throw e;
    }
  }

  /** The tensors in the order of their bytes. */
  public Collection<TensorEntry> entries() {
    return entriesByName.values();
  }

  /** Free text by key. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  public boolean contains(String name) {
    return entriesByName.containsKey(name);
  }

  /**
   * The entry of a tensor.
   *
   * @throws SafetensorsException if the file has no such tensor
   */
  public TensorEntry entry(String name) {
    TensorEntry entry = entriesByName.get(name);
    if (entry == null) {
      throw new SafetensorsException(
          String.format(
              Locale.ROOT,
              "%s has no tensor %s among its %d. Is it the file of another model?",
              file,
              Quoted.of(name),
              entriesByName.size()));
    }
    return entry;
  }

  /** Fills {@code target}, which must have as many bytes left as the tensor has. */
  public void read(String name, ByteBuffer target) throws IOException {
    long length = entry(name).byteLength();
    if (target.remaining() != length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The buffer has %d bytes left, but tensor %s has %d.",
              target.remaining(),
              Quoted.of(name),
              length));
    }
    read(name, 0, target);
  }

  /**
   * Fills {@code target} with the bytes of a tensor from {@code offset} on: the way to read a part
   * of a tensor, or one of more than 2 GiB in several goes.
   */
  public void read(String name, long offset, ByteBuffer target) throws IOException {
    TensorEntry entry = entry(name);
    if (offset < 0 || offset > entry.byteLength() - target.remaining()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Bytes %d to %d are not all within tensor %s of %d bytes.",
              offset,
              offset + target.remaining(),
              Quoted.of(name),
              entry.byteLength()));
    }
    ChannelReads.fully(channel, header.dataStart() + entry.begin() + offset, target, file);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
