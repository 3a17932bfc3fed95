package dev.penstock.python;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A wheel that is being written: a zip with a list of its files and their checksums as the last
 * one. The same files make the same bytes.
 */
final class Wheel implements AutoCloseable {
  private final ZipOutputStream zip;
  private final WheelMetadata metadata;
  private final LocalDateTime time;
  private final StringBuilder record = new StringBuilder();

  private Wheel(ZipOutputStream zip, WheelMetadata metadata, LocalDateTime time) {
    this.zip = zip;
    this.metadata = metadata;
    this.time = time;
  }

  /**
   * Begins one.
   *
   * @param folder where it is written, under the name that its metadata give it
   * @param time of all of its files
   */
  static Wheel create(Path folder, WheelMetadata metadata, Instant time) throws IOException {
    OutputStream file = Files.newOutputStream(folder.resolve(metadata.fileName()));
    return new Wheel(
        new ZipOutputStream(new BufferedOutputStream(file), StandardCharsets.UTF_8),
        metadata,
        LocalDateTime.ofInstant(time, ZoneOffset.UTC));
  }

  /** Adds a text. */
  void add(String name, String text) throws IOException {
    add(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a small file. */
  void add(String name, byte[] content) throws IOException {
    put(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
    note(name, sha256().digest(content), content.length);
  }

  /** Adds a file as it is, for it is compressed already. */
  void store(String name, Path file) throws IOException {
    CRC32 crc = new CRC32();
    MessageDigest digest = sha256();
    try (InputStream in =
        new CheckedInputStream(new DigestInputStream(Files.newInputStream(file), digest), crc)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(Files.size(file));
    entry.setCrc(crc.getValue());
    put(entry);
    Files.copy(file, zip);
    zip.closeEntry();
    note(name, digest.digest(), entry.getSize());
  }

  private void put(ZipEntry entry) throws IOException {
    entry.setTimeLocal(time);
    zip.putNextEntry(entry);
  }

  private void note(String name, byte[] sha256, long size) {
    String hash = Base64.getUrlEncoder().withoutPadding().encodeToString(sha256);
    record.append(String.format(Locale.ROOT, "%s,sha256=%s,%d\n", name, hash, size));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** Adds metadata and list, and ends it. */
  @Override
  public void close() throws IOException {
    try (zip) {
      String folder = metadata.stem() + ".dist-info/";
      add(folder + "METADATA", metadata.metadata());
      add(folder + "WHEEL", metadata.wheel());
      record.append(folder).append("RECORD,,\n");
      put(new ZipEntry(folder + "RECORD"));
      zip.write(record.toString().getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
  }
}
