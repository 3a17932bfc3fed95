package dev.penstock.datasets.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link ShardStore} does. An implementation's test extends this. */
public abstract class ShardStoreContract {
  private static final long SEED = 7;
  private static final int LARGE = 3_000_000;

  /** A store on a folder of this test, the same at every call, that does not exist at first. */
  protected abstract ShardStore store() throws IOException;

  @Test
  void writtenFileIsReadBack() throws IOException {
    byte[] bytes = new byte[LARGE];
    new Random(SEED).nextBytes(bytes);
    try (OutputStream out = store().create("weights.bin")) {
      out.write(bytes[0]);
      out.write(bytes, 1, 10);
      out.write(bytes, 11, LARGE - 11);
    }

    assertThat(store().exists("weights.bin")).isTrue();
    assertThat(store().length("weights.bin")).isEqualTo(LARGE);
    assertThat(read("weights.bin", 0, LARGE)).isEqualTo(bytes);
  }

  @Test
  void fileIsReadAtAnyPosition() throws IOException {
    write("a", "0123456789");
    try (SeekableByteChannel channel = store().open("a");
        SeekableByteChannel other = store().open("a")) {
      assertThat(channel.size()).isEqualTo(10);
      assertThat(readAt(channel, 7, 3)).isEqualTo("789");
      assertThat(readAt(other, 0, 2)).isEqualTo("01");
      assertThat(readAt(channel, 2, 3)).isEqualTo("234");
      assertThat(channel.position()).isEqualTo(5);
      channel.position(10);
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void emptyFileExists() throws IOException {
    write("empty", "");
    assertThat(store().exists("empty")).isTrue();
    assertThat(store().length("empty")).isZero();
  }

  @Test
  void creatingReplaces() throws IOException {
    write("a", "a long first version");
    write("a", "second");
    assertThat(new String(read("a", 0, 6), StandardCharsets.UTF_8)).isEqualTo("second");
    assertThat(store().length("a")).isEqualTo(6);
  }

  @Test
  void parentsAreMade() throws IOException {
    write("step-00010/rank-0.bin", "x");
    assertThat(store().exists("step-00010/rank-0.bin")).isTrue();
    assertThat(store().exists("step-00010")).isFalse();
  }

  @Test
  void missingFileIsMissing() throws IOException {
    assertThat(store().exists("none")).isFalse();
    assertThatThrownBy(() -> store().length("none"))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none")
        .hasMessageContaining(store().location());
    assertThatThrownBy(() -> store().open("none").close()).isInstanceOf(IOException.class);
  }

  @Test
  void listHasTheFilesOfTheFolderSorted() throws IOException {
    assertThat(store().list()).isEmpty();
    write("b", "1");
    write("sub/c", "1");
    write("a", "1");
    assertThat(store().list()).containsExactly("a", "b");
  }

  @Test
  void deletedFileIsGone() throws IOException {
    store().delete("a");
    write("a", "1");
    store().delete("a");
    assertThat(store().exists("a")).isFalse();
    assertThat(store().list()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "../a", "a/../../b", "/etc/passwd", "a//b", "a/", "a\\b", "c:a"})
  void nameThatLeavesTheFolderIsRefused(String name) {
    assertThatThrownBy(() -> store().exists(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store().length(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store().open(name).close())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store().create(name).close())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store().delete(name)).isInstanceOf(IllegalArgumentException.class);
  }

  private void write(String name, String text) throws IOException {
    try (OutputStream out = store().create(name)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private byte[] read(String name, long position, int length) throws IOException {
    try (SeekableByteChannel channel = store().open(name)) {
      return bytes(channel, position, length);
    }
  }

  private static String readAt(SeekableByteChannel channel, long position, int length)
      throws IOException {
    return new String(bytes(channel, position, length), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(SeekableByteChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    channel.position(position);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // a channel may return less than asked for
    }
    return buffer.array();
  }
}
