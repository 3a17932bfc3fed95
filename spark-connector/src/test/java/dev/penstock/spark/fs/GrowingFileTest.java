package dev.penstock.spark.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowingFileTest {
  private static final String FILE = "metrics.jsonl";

  @TempDir Path temp;

  /** Local files that can be given up before they are closed, as those of object stores. */
  public static final class Store extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("store:///");
    }

    @Override
    public String getScheme() {
      return "store";
    }

    @Override
    public boolean hasPathCapability(org.apache.hadoop.fs.Path path, String capability)
        throws IOException {
      return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
          || super.hasPathCapability(path, capability);
    }
  }

  private HadoopFolder folder(String scheme) throws IOException {
    Configuration conf = new Configuration();
    conf.setClass("fs.store.impl", Store.class, org.apache.hadoop.fs.FileSystem.class);
    return HadoopFolder.of(scheme + ":" + temp, conf);
  }

  @Test
  void onDisksWhatWasAppendedIsThereAtOnce() throws IOException {
    HadoopFolder folder = folder("file");
    folder.write(FILE, "of a run before".getBytes(UTF_8));
    try (GrowingFile file = GrowingFile.create(folder, FILE)) {
      file.append("a\n".getBytes(UTF_8));
      assertThat(folder.readText(FILE)).isEqualTo("a\n");
      file.append("b\n".getBytes(UTF_8));
      assertThat(folder.readText(FILE)).isEqualTo("a\nb\n");
    }
  }

  @Test
  void onObjectStoresTheFileIsWrittenOnceAMinuteAndAtTheEnd() throws IOException {
    HadoopFolder folder = folder("store");
    long[] now = {0};
    try (GrowingFile file = GrowingFile.create(folder, FILE, () -> now[0])) {
      file.append("a\n".getBytes(UTF_8));
      assertThat(folder.readText(FILE)).isEqualTo("a\n");
      file.append("b\n".getBytes(UTF_8));
      assertThat(folder.readText(FILE)).isEqualTo("a\n");
      now[0] += Duration.ofMinutes(1).toNanos();
      file.append("c\n".getBytes(UTF_8));
      assertThat(folder.readText(FILE)).isEqualTo("a\nb\nc\n");
      file.append("d\n".getBytes(UTF_8));
    }
    assertThat(folder.readText(FILE)).isEqualTo("a\nb\nc\nd\n");
  }
}
