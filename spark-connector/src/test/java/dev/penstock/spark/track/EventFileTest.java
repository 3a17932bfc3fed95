package dev.penstock.spark.track;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.train.StepReport;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.TestEvents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @TempDir Path temp;

  /** The bytes are those of TensorBoard's own writer. */
  @Test
  void recordsAreFramedAsTensorFlowDoes() {
    byte[] record = EventFile.record("abc".getBytes(StandardCharsets.UTF_8));
    assertThat(HexFormat.of().formatHex(record))
        .isEqualTo("0300000000000000b099490e6162636e57f121");
  }

  @Test
  void everyRunHasAFolderAndEveryStepAnEvent() throws IOException {
    TensorBoardLog log = new TensorBoardLog(temp.toUri().toString(), new Configuration());
    log.on(TestEvents.planned("fit-2", "fit-1", 9, 0, temp));
    log.on(new FitEvent.AttemptStarted(1, 4));
    log.on(new FitEvent.Stepped(new StepReport(5, 3.5, 0.25, 1e-3, 90, 100, 0.5)));
    log.close();
    try (Stream<Path> files = Files.list(temp.resolve("fit-1"))) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1).first().asString().contains("events.out.tfevents.");
      List<String> events = records(Files.readAllBytes(all.get(0)));
      assertThat(events).hasSize(3);
      assertThat(events.get(0)).contains("brain.Event:2");
      assertThat(events.get(2)).contains("train/loss", "train/grad_norm", "train/learning_rate");
    }
  }

  private static List<String> records(byte[] file) {
    List<String> records = new ArrayList<>();
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      byte[] record = new byte[(int) bytes.getLong()];
      bytes.getInt();
      bytes.get(record);
      bytes.getInt();
      records.add(new String(record, StandardCharsets.ISO_8859_1));
    }
    return records;
  }
}
