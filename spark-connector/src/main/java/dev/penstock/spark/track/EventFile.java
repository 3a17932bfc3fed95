package dev.penstock.spark.track;

import dev.penstock.spark.fs.GrowingFile;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * An event file of TensorBoard: records of TensorFlow (length, masked CRC-32C, bytes, masked
 * CRC-32C, in little endian), each the message {@code Event} of tensorflow/core/util/event.proto.
 * Written here because the libraries that can do it bring protobuf and TensorFlow along.
 */
final class EventFile implements AutoCloseable {
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int SUMMARY_VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int STATUS = 1;
  private static final int START = 1;
  private static final int CRC_MASK = 0xA282EAD8;

  private final GrowingFile file;

  private EventFile(GrowingFile file) {
    this.file = file;
  }

  /**
   * Begins a file.
   *
   * @param startStep what older files of the folder have from this step on is void; 0: there are
   *     none
   */
  static EventFile create(HadoopFolder folder, long startStep) throws IOException {
    String name =
        String.format(
            Locale.ROOT,
            "events.out.tfevents.%010d.%s.%s",
            System.currentTimeMillis() / 1000,
            host(),
            UUID.randomUUID().toString().substring(0, 8));
    EventFile events = new EventFile(GrowingFile.create(folder, name));
    events.write(new ProtoMessage().text(FILE_VERSION, "brain.Event:2"), 0);
    if (startStep > 0) {
      ProtoMessage session = new ProtoMessage().integer(STATUS, START);
      events.write(new ProtoMessage().message(SESSION_LOG, session), startStep);
    }
    return events;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^-.\\w]", "_");
    } catch (UnknownHostException e) {
      return "driver";
    }
  }

  /** Adds scalars of one step. */
  void scalars(long step, Map<String, Double> values) throws IOException {
    ProtoMessage summary = new ProtoMessage();
    values.forEach(
        (tag, value) ->
            summary.message(
                SUMMARY_VALUE,
                new ProtoMessage().text(TAG, tag).real32(SIMPLE_VALUE, value.floatValue())));
    write(new ProtoMessage().message(SUMMARY, summary), step);
  }

  private void write(ProtoMessage content, long step) throws IOException {
    byte[] event =
        new ProtoMessage()
            .real64(WALL_TIME, System.currentTimeMillis() / 1e3)
            .integer(STEP, step)
            .join(content)
            .bytes();
    file.append(record(event));
  }

  static byte[] record(byte[] event) {
    ByteBuffer record = ByteBuffer.allocate(event.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(event.length);
    record.putInt(maskedCrc(record.array(), 0, Long.BYTES));
    record.put(event);
    return record.putInt(maskedCrc(event, 0, event.length)).array();
  }

  private static int maskedCrc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
