package dev.penstock.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WheelTest {
  private static final String INFO = "penstock_spark-1.2.dev0.dist-info/";
  private static final WheelMetadata METADATA =
      new WheelMetadata("1.2-SNAPSHOT", "4.1.0", "linux-x86_64", "# About");

  @TempDir Path folder;

  private Path build(String name) throws IOException {
    Path jar = Files.write(folder.resolve("x.jar"), new byte[] {1, 2, 3});
    Path target = Files.createDirectories(folder.resolve(name));
    try (Wheel wheel = Wheel.create(target, METADATA, Instant.parse("2026-01-01T00:00:00Z"))) {
      wheel.add("a/__init__.py", "x = 1\n");
      wheel.store("a/jars/x.jar", jar);
    }
    return target.resolve("penstock_spark-1.2.dev0-py3-none-linux_x86_64.whl");
  }

  private static String text(ZipFile zip, String name) throws IOException {
    return new String(bytes(zip, name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ZipFile zip, String name) throws IOException {
    return zip.getInputStream(zip.getEntry(name)).readAllBytes();
  }

  @Test
  void sameFilesMakeTheSameBytes() throws IOException {
    assertThat(build("one")).hasSameBinaryContentAs(build("two"));
  }

  @Test
  void recordNamesEachFileWithItsHash() throws Exception {
    try (ZipFile zip = new ZipFile(build("one").toFile())) {
      List<String> record = text(zip, INFO + "RECORD").lines().toList();
      for (ZipEntry entry : Collections.list(zip.entries())) {
        byte[] content = bytes(zip, entry.getName());
        String hash =
            Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(content));
        assertThat(record)
            .contains(
                entry.getName().endsWith("RECORD")
                    ? entry.getName() + ",,"
                    : entry.getName() + ",sha256=" + hash + "," + content.length);
      }
      assertThat(record).hasSize(5);
      assertThat(text(zip, INFO + "METADATA"))
          .contains(
              "\nName: penstock-spark\nVersion: 1.2.dev0\n", "pyspark[ml] >=4.1,<5", "# About");
      assertThat(text(zip, INFO + "WHEEL")).contains("Tag: py3-none-linux_x86_64\n");
    }
  }

  @Test
  void platformWithoutNativesIsRefused() {
    assertThatThrownBy(() -> new WheelMetadata("1", "4.1.0", "windows-x86_64", ""))
        .hasMessageContaining("No wheel can be made for the platform windows-x86_64");
  }
}
